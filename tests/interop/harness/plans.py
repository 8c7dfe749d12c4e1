"""Plans of networks: keys, links with latencies, and steps, which daemons and the simulator can both carry out.

A plan is what tests/sim/truth.cpp reads; see there.
"""
import random

from .keys import KeyPair


class Plan:
    """`links` are [(node, node)] in the order in which they are to come; nodes start with their first link."""

    def __init__(self, seed, nodes, links):
        self.random = random.Random(seed)
        self.links = [{'ends': list(ends), 'latency_ms': 0} for ends in links]
        self.keys = [KeyPair(self.random.randbytes(32)) for _ in range(nodes)]
        self.steps = []

    def lowest_keys_to(self, *nodes):
        """The lowest key to the first of these, and so on: they are the best roots."""
        for rank, node in enumerate(nodes):
            rest = [n for n in range(len(self.keys)) if n not in nodes[:rank]]
            best = min(rest, key=lambda n: self.keys[n].public)
            self.keys[node], self.keys[best] = self.keys[best], self.keys[node]

    def draw_latencies(self, low, high):
        for link in self.links:
            link['latency_ms'] = self.random.randint(low, high)

    def separate(self, origin, gap, links):
        """Makes links slower until news from `origin` reach every node over one of them well before any other, in ms."""
        while True:
            arrivals = self._arrivals(origin, links)
            tight = [a for a in arrivals if len(a) > 1 and a[1][0] - a[0][0] < gap]
            if not tight:
                return
            first, second = tight[0][:2]
            second[1]['latency_ms'] += gap - (second[0] - first[0])

    def _arrivals(self, origin, links):
        """Of each other node: [(when news arrive, over which link)], first to last."""
        chosen = [self.links[i] for i in links]
        when = {origin: 0}
        for _ in self.keys:
            for link in chosen:
                for a, b in (link['ends'], link['ends'][::-1]):
                    if a in when:
                        when[b] = min(when.get(b, 1 << 30), when[a] + link['latency_ms'])
        return [sorted(((when[a] + link['latency_ms'], link) for link in chosen
                        for a, b in (link['ends'], link['ends'][::-1]) if b == node), key=lambda x: x[0])
                for node in when if node != origin]

    def grow(self, links):
        """Steps that start nodes and bring up links, in rounds in which no node gets two links.

        So each node numbers its peers in the same order whatever the timing.
        """
        pending = list(links)
        present = {n for step in self.steps for n in step.get('start', ())}
        if not present:
            present = {self.links[pending[0]]['ends'][0]}
            self.steps.append({'start': sorted(present)})
        while pending:
            busy, start, chosen = set(), [], []
            for index in pending:
                ends = self.links[index]['ends']
                fresh = [n for n in ends if n not in present]
                if len(fresh) < 2 and not busy.intersection(ends):
                    busy.update(ends)
                    start += fresh
                    chosen.append(index)
                else:
                    busy.update(fresh)  # its first link comes first
            present.update(start)
            pending = [i for i in pending if i not in chosen]
            self.steps += [{'start': start}] if start else []
            self.steps += [{'link': chosen}, {'settle': 1}]

    def settle(self, seconds=3):
        self.steps.append({'settle': seconds})

    def cut(self, a, b):
        index = next(i for i, link in enumerate(self.links) if set(link['ends']) == {a, b})
        self.steps.append({'cut': [index]})

    def ping_all(self):
        """All pairs of nodes that were started."""
        started = [n for step in self.steps for n in step.get('start', ())]
        pairs = [[a, b] for a in started for b in started if a != b]
        self.random.shuffle(pairs)
        self.steps.append({'ping': pairs})

    def description(self):
        return {'keys': [k.private for k in self.keys], 'links': self.links, 'steps': self.steps}


def tree_links(rng, count):
    """A random tree: each node hangs on one before it."""
    return [(rng.randrange(i), i) for i in range(1, count)]


def grid_links(side):
    """A square; nodes are numbered row by row, and links come row by row too."""
    links = []
    for i in range(side * side):
        links += [(i - side, i)] if i >= side else []
        links += [(i - 1, i)] if i % side else []
    return links


def small_world_links(rng, count, near, rewired):
    """Watts and Strogatz: a ring where each node is linked to the next `near`; some links lead anywhere instead."""
    links = [(i, (i + step) % count) for step in range(1, near + 1) for i in range(count)]
    for place in rng.sample(range(count, len(links)), rewired):  # the ring itself stays
        a = links[place][0]
        free = [b for b in range(count) if b != a and not {(a, b), (b, a)} & set(links)]
        links[place] = (a, rng.choice(free))
    return [tuple(sorted(link)) for link in links]


def breadth_first(links):
    """The same links, in an order in which a network can grow from node 0: first a shallow tree, then the others."""
    present, tree = [0], []
    for node in present:
        for link in links:
            other = sum(link) - node
            if node in link and other not in present:
                present.append(other)
                tree.append((node, other))
    return tree + [link for link in links if link not in tree and link[::-1] not in tree]
