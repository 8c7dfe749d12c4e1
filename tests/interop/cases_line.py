"""Nodes in a row: relaying, bulk traffic through relays, packet sizes."""
import re
import unittest

from harness.mesh import Mesh, all_pairs
from harness.traffic import iperf3, received_mbit


class Line(unittest.TestCase):
    def check(self, kinds):
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            mesh.line(kinds)
            mesh.start()
            mesh.wait_agreed(30, stable=1)
            mesh.warm_up(all_pairs(mesh.nodes), 30)
            self.assertEqual(mesh.ping_pairs(all_pairs(mesh.nodes), count=5), [])
            for node in mesh.nodes:
                if node.kind == 'thicket':
                    self.assertEqual(node.bad_log_lines(), [])

    def test_ours_stock_ours(self):
        self.check(('ours', 'stock', 'ours'))

    def test_stock_ours_stock(self):
        self.check(('stock', 'ours', 'stock'))

    def test_four_of_ours(self):
        self.check(('ours',) * 4)


class Bulk(unittest.TestCase):
    """iperf3 over TCP in both directions."""

    SECONDS = 3

    def check(self, kinds):
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            mesh.line(kinds)
            mesh.start()
            mesh.wait_agreed(30, stable=1)
            first, last = mesh.nodes[0], mesh.nodes[-1]
            mesh.warm_up([(first, last), (last, first)], 30)
            there = received_mbit(iperf3(first, last, self.SECONDS))
            back = received_mbit(iperf3(first, last, self.SECONDS, '-R'))
            self.report = '%.0f and %.0f Mbit/s' % (there, back)
            self.assertGreater(min(there, back), 1)
            for node in mesh.nodes:
                self.assertEqual(node.bad_log_lines(), [], node)
            self.assertEqual(mesh.ping_pairs(all_pairs(mesh.nodes)), [])

    def test_pair(self):
        self.check(('ours', 'stock'))

    def test_through_our_relay(self):
        self.check(('stock', 'ours', 'stock'))

    def test_through_a_stock_relay(self):
        self.check(('ours', 'stock', 'ours'))

    def test_four_of_ours(self):
        self.check(('ours',) * 4)


class Mtu(unittest.TestCase):
    """Interface MTUs from the largest to the smallest."""

    def pair(self, mesh, ours_mtu, stock_mtu):
        self.mesh = mesh
        ours, stock = mesh.add('ours'), mesh.add('stock')
        ours.config['IfMTU'], stock.config['IfMTU'] = ours_mtu, stock_mtu
        mesh.link(ours, stock)
        mesh.start([stock, ours])
        mesh.wait_agreed(20)
        mesh.warm_up(all_pairs(mesh.nodes), 30)
        for node, mtu in ((ours, ours_mtu), (stock, stock_mtu)):
            self.assertEqual(node.admin('gettun')['mtu'], mtu)
            self.assertIn('mtu %d ' % mtu, node.namespace.run('ip', 'link', 'show', 'tun0').stdout)
        return ours, stock

    def answered(self, a, b, size):
        """A ping with so many bytes of IPv6 packet, never fragmented."""
        self.assertEqual(a.ping(b, 3, size=size - 48, extra=('-M', 'do'))[:2], (3, 3), (a, b, size))

    def test_65535(self):
        with Mesh(self.id()) as mesh:
            ours, stock = self.pair(mesh, 65535, 65535)
            for size in (1280, 1281, 1500, 9000, 65535):
                self.answered(ours, stock, size)
                self.answered(stock, ours, size)
            self.assertEqual(ours.bad_log_lines(), [])

    def test_1280(self):
        with Mesh(self.id()) as mesh:
            ours, stock = self.pair(mesh, 1280, 1280)
            self.answered(ours, stock, 1280)
            self.answered(stock, ours, 1280)
            self.assertEqual(mesh.ping_pairs(all_pairs(mesh.nodes), size=20000), [])
            self.assertEqual(ours.bad_log_lines(), [])

    def check_too_big(self, sender, receiver):
        """What the receiver's MTU does not hold is answered with Packet Too Big, and then fragmented."""
        sender.ping(receiver, 2, size=2000, wait=1)
        route = sender.namespace.run('ip', '-6', 'route', 'get', receiver.address).stdout
        self.assertTrue(re.search(r'\bmtu 1280\b', route), '%s learnt no path MTU: %s' % (sender, route))
        self.assertEqual(sender.ping(receiver, 3, size=2000)[:2], (3, 3), sender)
        self.answered(sender, receiver, 1280)

    def test_we_answer_packet_too_big(self):
        with Mesh(self.id()) as mesh:
            ours, stock = self.pair(mesh, 1280, 65535)
            self.check_too_big(stock, ours)

    def test_we_are_told_packet_too_big(self):
        with Mesh(self.id()) as mesh:
            ours, stock = self.pair(mesh, 65535, 1280)
            self.check_too_big(ours, stock)
