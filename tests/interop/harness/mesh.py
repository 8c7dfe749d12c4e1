"""A mesh: nodes in namespaces, wired and linked, and what can be asked of all of them."""
import random
import time
from concurrent.futures import ThreadPoolExecutor

from .keys import KeyPair
from .namespaces import World, wait_for
from .nodes import PORT, StockNode, ours


class Mesh(World):
    """Nodes draw their keys from `seed`; rank (first byte of the public key) decides who is root."""

    def __init__(self, name='mesh', seed=1):
        super().__init__(name)
        self.random = random.Random(seed)
        self.nodes = []

    def add(self, kind, label=None, rank=None):
        """A node, not yet started. `kind`: 'ours' or 'stock'."""
        cls = ours() if kind == 'ours' else StockNode
        rank = rank if rank is not None else 0x10 + len(self.nodes)
        node = cls(self, label or '%s%d' % (kind[0], len(self.nodes)), KeyPair.with_rank(self.random, rank))
        self.nodes.append(node)
        return node

    def link(self, dialler, listener, scheme='tcp', query='', listener_query=None, ipv6=False):
        """Wires two nodes and makes one of them dial the other, once they start; returns the dialled URI."""
        _, addresses = self.wire(dialler.namespace, listener.namespace)
        host = '[%s]' % addresses[1] if ipv6 else addresses[0]
        port = PORT + len(listener.config['Listen'])
        suffix = '?' + query if query else ''
        accept = suffix if listener_query is None else '?' + listener_query if listener_query else ''
        listener.config['Listen'].append('%s://%s:%d%s' % (scheme, host, port, accept))
        uri = '%s://%s:%d' % (scheme, host, port)
        dialler.config['Peers'].append(uri + suffix)
        return uri

    def line(self, kinds, ranks=None):
        """Nodes in a row, each dialling the one before it."""
        for i, kind in enumerate(kinds):
            self.add(kind, rank=ranks[i] if ranks else None)
            if i:
                self.link(self.nodes[i], self.nodes[i - 1])
        return self.nodes

    def start(self, nodes=None):
        """Starts them in order, each when the one before is ready, so that dials find a listener."""
        for node in self.nodes if nodes is None else nodes:
            node.start()
            node.wait_ready()

    def wait_agreed(self, seconds, nodes=None, stable=0.0):
        """Waits until all see the lowest key as root, for `stable` seconds on end; returns the seconds until then."""
        nodes = self.nodes if nodes is None else nodes
        root = min(n.key for n in nodes)
        begin = time.monotonic()
        since = None

        def agreed():
            nonlocal since
            same = all(self._root_of(n) == root for n in nodes)
            now = time.monotonic()
            if same:
                since = since or now
                return now - since >= stable
            since = None
            return False
        wait_for(agreed, seconds, lambda: 'all see the root %s: %s' % (
            root[:8], {n.label: (self._root_of(n) or '?')[:8] for n in nodes}))
        return since - begin

    @staticmethod
    def _root_of(node):
        try:
            return node.root()
        except OSError:
            return None

    def ping_pairs(self, pairs, count=3, interval=0.2, workers=6, **kwargs):
        """Pings every (from, to); returns those with a loss as [(from, to, sent, received)]."""
        with ThreadPoolExecutor(workers) as pool:
            results = pool.map(lambda p: p[0].ping(p[1], count, interval, **kwargs), pairs)
            return [(a, b, sent, received) for (a, b), (sent, received, _) in zip(pairs, results)
                    if received != sent or not sent]

    def wait_lossless(self, pairs, seconds, count=3, interval=0.2):
        """Pings rounds of all pairs until one has no loss; returns the number of rounds."""
        rounds = 0
        lost = None

        def lossless():
            nonlocal rounds, lost
            rounds += 1
            lost = self.ping_pairs(pairs, count, interval)
            return not lost
        wait_for(lossless, seconds, lambda: 'a round of pings without loss; lost in the last one: %s' % lost)
        return rounds

    def warm_up(self, pairs, seconds, workers=6):
        """Waits for a first answer on every pair; returns the longest wait."""
        if not pairs:
            return 0.0
        with ThreadPoolExecutor(workers) as pool:
            return max(pool.map(lambda p: p[0].first_answer(p[1], seconds), pairs))

    def __exit__(self, kind, error, trace):
        """After a failure the logs outlive the mesh: see `failed_logs` and `failed_folder`."""
        if error is not None and isinstance(error, Exception):
            self.failed_logs, self.failed_folder = self.logs(), self.folder
            self.keep_folder = True
        self.close()

    def logs(self):
        """The end of every log, for a failure report."""
        out = []
        for node in self.nodes:
            try:
                lines = node.log().splitlines()[-12:]
            except OSError:
                lines = ['(no log)']
            out.append('--- %s %s %s\n%s' % (node, node.key[:16], node.address, '\n'.join(lines)))
        return '\n'.join(out)


def all_pairs(nodes):
    """All ordered pairs."""
    return [(a, b) for a in nodes for b in nodes if a is not b]


def split_pairs(pairs):
    """(those with a node of ours, those between stock nodes). The latter may stall for a minute, whoever relays them."""
    with_ours = [p for p in pairs if not (isinstance(p[0], StockNode) and isinstance(p[1], StockNode))]
    return with_ours, [p for p in pairs if p not in with_ours]
