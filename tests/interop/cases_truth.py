"""The simulator tells the truth: daemons and simulated nodes that do the same end up the same.

Three networks, with the same keys, links, latencies and order of events, once as daemons in namespaces and once in the
simulator (tests/sim/truth.cpp). Every node must have the same root, parent and coordinates in both, and the same pings
between all pairs must be answered; also after a better root came, and after a link was cut.

The daemons' links go through a relay that delays what it passes on (harness/relay.py). Where nodes choose by time (who
brought news of a better root first; whose round trip is shorter), latencies differ by more than daemons on a busy
machine are late; the simulator confirms that: it must come to the same end when every frame comes up to JITTER_MS later.

What may differ, and is not compared: how long anything takes; sequence numbers and nonces, which come from the clock
and from randomness; how many pings it took until one was answered (up to three are sent). Nothing else.
"""
import json
import os
import random
import socket
import subprocess
import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from harness.mesh import Mesh
from harness.namespaces import wait_for
from harness.nodes import PORT, REPOSITORY, ThicketNode, ours
from harness.pings import Pinger
from harness.plans import Plan, breadth_first, grid_links, small_world_links, tree_links

TRUTH = os.environ.get('THICKET_TRUTH', os.path.join(REPOSITORY, 'build/tests/sim/truth'))
RELAY = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'harness/relay.py')
RELAY_PORT = 20000
POLL = 0.2
JITTER_MS = 10


def simulate(plan, folder, **options):
    """What the simulator reports: one entry for each step "ping"."""
    path = os.path.join(folder, 'plan.json')
    with open(path, 'w') as f:
        json.dump({**plan.description(), **options}, f)
    done = subprocess.run((TRUTH, path), capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise AssertionError(done.stderr)
    return [json.loads(line) for line in done.stdout.splitlines()]


class Daemons:
    """Carries out a plan with daemons, each in a namespace with one wire to the relay."""

    def __init__(self, mesh, plan):
        self.mesh, self.plan = mesh, plan
        self.hub = mesh.namespace('hub')
        self.hub_address = {}
        for index, keys in enumerate(plan.keys):
            node = ours()(mesh, 'n%d' % index, keys)
            (at_hub, _), (at_node, _) = mesh.wire(self.hub, node.namespace)
            self.hub_address[node] = at_hub
            node.config['Listen'] = ['tcp://%s:%d' % (at_node, PORT)]
            mesh.nodes.append(node)
        self.index_of = {n.key: i for i, n in enumerate(mesh.nodes)}
        self.started = []
        self.pool = ThreadPoolExecutor(4)
        self.start_relay()

    def start_relay(self):
        wires = [{'port': RELAY_PORT + i, 'latency_ms': link['latency_ms'],
                  'to': self.mesh.nodes[link['ends'][0]].config['Listen'][0][len('tcp://'):].split(':')}
                 for i, link in enumerate(self.plan.links)]
        with open(os.path.join(self.mesh.folder, 'relay.json'), 'w') as f:
            json.dump(wires, f)
        self.hub.spawn('python3', RELAY, self.mesh.folder, log=os.path.join(self.mesh.folder, 'relay.log'))
        wait_for(lambda: os.path.exists(os.path.join(self.mesh.folder, 'relay.ready')), 10, 'the relay listens')

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.pool.shutdown()

    # --- steps
    def run(self, step):
        """What there is to report after the step, or None."""
        (what, argument), = step.items()
        return getattr(self, what)(argument)

    def start(self, indices):
        nodes = [self.mesh.nodes[i] for i in indices]
        for node in nodes:
            node.start()
        for node in nodes:
            node.wait_ready()
        self.started += nodes

    def ends(self, link):
        return [self.mesh.nodes[i] for i in self.plan.links[link]['ends']]

    def link(self, links):
        for link in links:
            listener, dialler = self.ends(link)
            dialler.admin('addpeer', uri='tcp://%s:%d' % (self.hub_address[dialler], RELAY_PORT + link))
        for link in links:
            a, b = self.ends(link)
            wait_for(lambda: self.measured(a, b) and self.measured(b, a), 15, 'a link between %s and %s' % (a, b))

    @staticmethod
    def measured(node, other):
        """They are linked, and the node knows what that costs: it can choose the other as its parent."""
        return any(p['key'] == other.key and p.get('latency') for p in node.peers_up())

    def cut(self, links):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as control:
            for link in links:
                control.sendto(b'%d' % link, os.path.join(self.mesh.folder, 'relay.sock'))
        for link in links:
            a, b = self.ends(link)
            wait_for(lambda: not self.measured(a, b) and not self.measured(b, a), 15, 'the end of a link')

    def settle(self, seconds):
        """Waits until all that run know their way to a root, and nobody has moved for a while.

        Real time is dear: where the simulator's second is up, one look will do.
        """
        begin = since = time.monotonic()
        before = None
        while before is None or time.monotonic() < since + seconds - 1:
            time.sleep(POLL if before else 0)
            positions = self.positions()
            if positions != before:
                before, since = positions, time.monotonic()
            if positions.count(None) > len(self.mesh.nodes) - len(self.started):
                before = None
            if time.monotonic() > begin + 60:
                raise AssertionError('it does not settle: %s' % positions)

    def ping(self, pairs):
        nodes = self.mesh.nodes
        with Pinger(self.started) as pinger:
            answered = pinger.answered([(nodes[a], nodes[b]) for a, b in pairs])
        self.check_paths()
        return {'answered': answered, 'nodes': self.positions()}

    # --- what nodes say
    def positions(self):
        """As the simulator reports them. A node's port is what its parent says; None if the node has no whole ancestry."""
        said = dict(zip(self.started, self.pool.map(self.ask, self.started)))
        by_key = {n.key: said[n] for n in self.started}
        return [self.position(n, said[n], by_key) if n in said else None for n in self.mesh.nodes]

    @staticmethod
    def ask(node):
        tree = {e['key']: e['parent'] for e in node.admin('gettree')['tree']}
        return {'root': node.root(), 'parent': tree.get(node.key),
                'ports': {p['key']: p['port'] for p in node.peers_up()}}

    def position(self, node, said, by_key):
        coordinates, key, seen = [], node.key, set()
        while by_key[key]['parent'] != key:
            parent = by_key[key]['parent']
            if parent in seen or parent not in by_key or key not in by_key[parent]['ports']:
                return None
            coordinates.insert(0, by_key[parent]['ports'][key])
            seen.add(parent)
            key = parent
        if said['root'] is None:
            return None
        return {'root': self.index_of[said['root']], 'parent': self.index_of[said['parent']], 'coordinates': coordinates}

    def check_paths(self):
        """Nodes sign their coordinates for those who look for them: these are the ones that positions() put together."""
        newest = {}
        for paths in self.pool.map(lambda n: n.admin('getpaths')['paths'], self.started):
            for path in paths:
                known = newest.get(path['key'])
                if known is None or known[0] < path['sequence']:
                    newest[path['key']] = (path['sequence'], path['path'])
        positions = self.positions()
        for key, (_, path) in newest.items():
            position = positions[self.index_of[key]]
            if position is None or path != position['coordinates']:
                raise AssertionError('n%d says %s, but is at %s' % (self.index_of[key], path, position))
        if not newest:
            raise AssertionError('no node knows a path')


def determined(test, plan, folder):
    """What the simulator reports, which must not hang on a few milliseconds more or less."""
    simulated = simulate(plan, folder)
    steps = [{'ping': []} if 'ping' in step else step for step in plan.steps]
    for seed in range(2, 10):
        shaken = simulate(plan, folder, seed=seed, jitter_ms=JITTER_MS, steps=steps)
        test.assertEqual([r['nodes'] for r in shaken], [r['nodes'] for r in simulated],
                         'the plan leaves the outcome to chance: choose other latencies (seed), or cut another link')
    return simulated


@unittest.skipIf(ours() is not ThicketNode, 'the simulator runs our routing only')
class Truth(unittest.TestCase):
    maxDiff = None

    def check(self, plan):
        """Returns the reports, on which simulator and daemons agree."""
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            simulated = determined(self, plan, mesh.folder)
            with Daemons(mesh, plan) as daemons:
                real = [report for report in map(daemons.run, plan.steps) if report]
            self.assertEqual(len(real), len(simulated))
            for number, pair in enumerate(zip(real, simulated)):
                self.compare(number, *pair)
            for node in mesh.nodes:
                self.assertEqual(node.bad_log_lines(), [], node)
        moved = [sum(a != b for a, b in zip(before['nodes'], after['nodes']))
                 for before, after in zip(simulated, simulated[1:])]
        self.report = '%d nodes, %d links; then moved: %s' % (len(plan.keys), len(plan.links), moved)
        return simulated

    def compare(self, number, real, simulated):
        different = {'n%d' % i: pair for i, pair in enumerate(zip(real['nodes'], simulated['nodes'])) if pair[0] != pair[1]}
        self.assertEqual(different, {}, '(daemon, simulator) in report %d' % number)
        self.assertEqual(real['answered'], simulated['answered'], 'pings of report %d' % number)

    def roots(self, report):
        return {node['root'] for node in report['nodes'] if node}

    def test_tree(self):
        """60 nodes; the cut leaves two parts, of which one must find itself a root."""
        plan = Plan(1, 60, tree_links(random.Random(1), 60))
        plan.lowest_keys_to(0)
        plan.draw_latencies(5, 30)
        plan.grow(range(59))
        plan.settle()
        plan.ping_all()
        plan.cut(0, 1)
        plan.settle()
        plan.ping_all()
        whole, parted = self.check(plan)
        self.assertEqual(self.roots(whole), {0})
        self.assertTrue(all(whole['answered']))
        self.assertEqual(len(self.roots(parted)), 2)
        part = [node['root'] for node in parted['nodes']]
        self.assertEqual(parted['answered'], [part[a] == part[b] for a, b in plan.steps[-1]['ping']])
        self.assertGreater(sum(p != 0 for p in part), 15, 'the smaller part is a network, too')

    def test_grid(self):
        """7 x 7 nodes; the cut takes the parent from a node above more than half of the others."""
        plan = Plan(8, 49, grid_links(7))
        plan.lowest_keys_to(0)
        plan.draw_latencies(10, 40)
        plan.grow(range(len(plan.links)))
        plan.settle()
        plan.ping_all()
        plan.cut(2, 3)
        plan.settle()
        plan.ping_all()
        before, after = self.check(plan)
        self.assertEqual(before['nodes'][3]['parent'], 2)
        self.assertNotEqual(after['nodes'][3]['parent'], 2)
        self.check_whole((before, after), (0, 0))

    def test_small_world(self):
        """39 nodes; then comes a better root, and a second link to it; then a link is cut that half of the tree hangs on."""
        links = breadth_first(small_world_links(random.Random(5), 39, near=2, rewired=8))
        plan = Plan(6, 40, links + [(5, 39), (25, 39)])
        plan.lowest_keys_to(39, 0)
        plan.draw_latencies(15, 40)
        plan.separate(39, 40, range(len(links) + 1))
        plan.grow(range(len(links)))
        plan.settle()
        plan.ping_all()
        plan.grow([len(links)])
        plan.settle()
        plan.ping_all()
        plan.grow([len(links) + 1])
        plan.cut(4, 5)
        plan.settle()
        plan.ping_all()
        reports = self.check(plan)
        before, taken_over, after = reports
        self.assertIsNone(before['nodes'][39])
        self.assertGreater(sum(a['parent'] != b['parent'] for a, b in zip(before['nodes'][:39], taken_over['nodes'])), 5)
        self.assertEqual(taken_over['nodes'][4]['parent'], 5)
        self.assertNotEqual(after['nodes'][4]['parent'], 5)
        self.check_whole(reports, (0, 39, 39))

    def check_whole(self, reports, roots):
        for report, root in zip(reports, roots):
            self.assertEqual(self.roots(report), {root})
            self.assertTrue(all(report['answered']))
