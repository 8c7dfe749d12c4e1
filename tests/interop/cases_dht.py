"""The DHT among nodes that only meet through stock nodes."""
import unittest

from harness.mesh import Mesh, all_pairs
from harness.namespaces import wait_for


def counters(node):
    return node.admin('getdht')


def star_of_stock_nodes(mesh, lookup, our_root):
    """Six stock nodes in a ring with a chord, and behind each one of ours, whose only peers are stock nodes."""
    stock = [mesh.add('stock', rank=0x20 + i) for i in range(6)]
    ours = [mesh.add('ours', rank=0x05 if our_root and i == 0 else 0x40 + i) for i in range(6)]
    for i in range(6):
        mesh.link(stock[i], stock[i - 1])
        mesh.link(ours[i], stock[i])
    mesh.link(stock[0], stock[3])
    for node in ours:
        node.config['Lookup'] = lookup
    # One more way up, so that not all paths lead through one stock node.
    mesh.link(ours[0], stock[2], 'tls')
    return ours, stock


def all_know_all(ours):
    return lambda: all(counters(node)['table_size'] == len(ours) - 1 for node in ours)


class Dht(unittest.TestCase):
    def check_logs(self, mesh):
        for node in mesh.nodes:
            self.assertTrue(node.running(), node)
            self.assertEqual(node.bad_log_lines(), [], node)

    def test_found_without_filters(self):
        """Bloom lookups are off: the root is ours, and so is the first contact of all others."""
        with Mesh(self.id(), seed=41) as mesh:
            self.mesh = mesh
            ours, stock = star_of_stock_nodes(mesh, 'dht', our_root=True)
            mesh.start()
            mesh.wait_agreed(40, stable=2)
            wait_for(all_know_all(ours), 60, lambda: 'all of ours know each other: %s' % [
                (n, counters(n)) for n in ours])
            pairs = all_pairs(ours)
            slowest = mesh.warm_up(pairs, 40)
            self.assertEqual(mesh.ping_pairs(pairs, count=3), [])
            hits = 0
            for node in ours:
                state = counters(node)
                self.assertEqual(state['bloom_lookups'], 0, node)
                self.assertEqual(state['fallbacks'], 0, node)
                self.assertEqual(state['malformed'], 0, node)
                self.assertTrue(state['joined'] and state['records'] > 0, (node, state))
                hits += state['hits']
                # None has a peer of its kind.
                self.assertTrue(all('capabilities' not in p for p in node.peers_up()), node)
            self.assertGreaterEqual(hits, len(ours) - 1)
            self.assertTrue(any(counters(n)['searches'] for n in ours[1:]))
            self.report = '%d hits, no bloom lookup, slowest first answer %.1f s' % (hits, slowest)
            self.check_logs(mesh)

    def test_sessions_introduce(self):
        """The root is a stock node: what sessions say is how ours get to know each other; stock nodes are found too."""
        with Mesh(self.id(), seed=42) as mesh:
            self.mesh = mesh
            ours, stock = star_of_stock_nodes(mesh, 'auto', our_root=False)
            mesh.start()
            mesh.wait_agreed(40, stable=2)
            self.assertTrue(all(not counters(n)['joined'] for n in ours))
            # Each talks to the next: the only hellos there are.
            mesh.warm_up(list(zip(ours, ours[1:])), 40)
            wait_for(all_know_all(ours), 60, lambda: 'all of ours know each other: %s' % [
                (n, counters(n)) for n in ours])
            self.assertGreaterEqual(sum(counters(n)['introductions'] for n in ours), 1)
            for a, b in zip(ours, ours[1:]):
                session = next(s for s in a.admin('getsessions')['sessions'] if s['key'] == b.key)
                self.assertEqual(session['capabilities'], ['dht'])
                self.assertTrue(session['agent'].startswith('thicket/'))
            slowest = mesh.warm_up([(a, b) for a in ours for b in stock], 40)
            mesh.warm_up([(b, a) for a in ours for b in stock], 60)
            fallbacks = 0
            for node in ours:
                state = counters(node)
                self.assertLessEqual(state['hellos_sent'], 12, 'once per session')
                fallbacks += state['fallbacks']
            # In a mesh this small the DHT is asked first, and knows no stock node until one of ours found it.
            self.assertGreaterEqual(fallbacks, 1)
            self.report = '%d fallbacks, stock nodes found in %.1f s at most' % (fallbacks, slowest)
            self.published(mesh, ours, stock)
            self.check_logs(mesh)

    def published(self, mesh, ours, stock):
        """What ours learnt of stock nodes is found in the DHT by one that asks nothing else."""
        node = ours[-1]
        node.terminate()
        node.config['Lookup'] = 'dht'
        node.start()
        node.wait_ready()
        mesh.wait_agreed(40, stable=2)
        # It does not know anybody until one of ours talks to it.
        node_again = [(ours[0], node)]
        mesh.warm_up(node_again, 40)
        wait_for(lambda: counters(node)['table_size'] == len(ours) - 1, 60, 'it knows the others again')
        mesh.warm_up([(node, other) for other in stock], 40)
        state = counters(node)
        self.assertEqual(state['bloom_lookups'], 0)
        self.assertGreaterEqual(state['hits'], len(stock) - 1, state)
        self.report += '; %d hits for %d stock nodes' % (state['hits'], len(stock))

    def test_bloom_takes_no_part(self):
        with Mesh(self.id(), seed=43) as mesh:
            self.mesh = mesh
            a, relay, b = mesh.line(('ours', 'stock', 'ours'))
            direct = mesh.add('ours')
            mesh.link(direct, a)
            a.config['Lookup'] = 'bloom'
            mesh.start()
            mesh.wait_agreed(30, stable=1)
            mesh.warm_up(all_pairs(mesh.nodes), 60)
            state = counters(a)
            self.assertEqual((state['enabled'], state['joined'], state['datagrams_sent'], state['hellos_sent']),
                             (False, False, 0, 0), state)
            self.assertGreaterEqual(state['hellos_received'], 2)
            peer = next(p for p in direct.peers_up() if p['key'] == a.key)
            self.assertEqual(peer['capabilities'], [])
            peer = next(p for p in a.peers_up() if p['key'] == direct.key)
            self.assertEqual(peer['capabilities'], ['dht'])
            self.assertRegex(peer['seen_as'], r'^(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):\d+$')
            wait_for(lambda: counters(b)['table_size'] == 1 and counters(direct)['table_size'] == 1, 20,
                     'the other two know each other, and not the one without')
            self.check_logs(mesh)
