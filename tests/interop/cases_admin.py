"""Administration sockets, and the questions nodes ask each other over the mesh."""
import json
import subprocess
import unittest
from concurrent.futures import ThreadPoolExecutor

from harness.mesh import Mesh
from harness.namespaces import wait_for
from harness.nodes import PORT


def stock_ctl(node, *args):
    """yggdrasilctl against a node's socket; returns its exit status and output."""
    done = subprocess.run(('yggdrasilctl', '-endpoint=unix://' + node.socket) + args, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=20)
    return done.returncode, done.stdout + done.stderr


class Remote(unittest.TestCase):
    """NodeInfo and debug_remote* requests, asked by each kind of the other, over a relay."""

    def line(self, mesh, kinds):
        self.mesh = mesh
        mesh.line(kinds)
        mesh.nodes[0].config['NodeInfo'] = {'name': 'Ångström', 'nested': {'list': [1, 2.5, None, True]}}
        mesh.start()
        mesh.wait_agreed(30, stable=1)
        mesh.warm_up([(a, b) for a in mesh.nodes for b in mesh.nodes if a is not b], 30)
        return mesh.nodes

    def check_all(self, asker, asked, peers, root):
        info = asker.admin('getnodeinfo', key=asked.key)[asked.key]
        for name, value in asked.config['NodeInfo'].items():
            self.assertEqual(info.get(name), value, (asker, asked))
        for name in ('buildname', 'buildversion', 'buildplatform', 'buildarch'):
            self.assertTrue(info.get(name), (asker, asked, name))
        reply = asker.admin('debug_remotegetself', key=asked.key)
        self.assertEqual(list(reply), [asked.address])
        self.assertEqual(reply[asked.address]['key'], asked.key)
        self.assertGreaterEqual(int(reply[asked.address]['routing_entries']), 1)
        reply = asker.admin('debug_remotegetpeers', key=asked.key)
        self.assertEqual(sorted(reply[asked.address]['keys']), sorted(p.key for p in peers))
        reply = asker.admin('debug_remotegettree', key=asked.key)
        self.assertIn(root.key, reply[asked.address]['keys'])

    def check_line(self, kinds):
        with Mesh(self.id()) as mesh:
            a, b, c = self.line(mesh, kinds)
            self.check_all(a, b, [a, c], a)
            self.check_all(b, a, [b], a)
            self.check_all(a, c, [b], a)
            self.check_all(c, a, [b], a)

    def test_ours_stock_ours(self):
        self.check_line(('ours', 'stock', 'ours'))

    def test_stock_ours_stock(self):
        self.check_line(('stock', 'ours', 'stock'))

    def test_node_info_privacy(self):
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            ours, stock = mesh.line(('ours', 'stock'))
            ours.config['NodeInfoPrivacy'] = True
            mesh.start()
            mesh.wait_agreed(20)
            mesh.warm_up([(ours, stock)], 20)
            self.assertEqual(stock.admin('getnodeinfo', key=ours.key)[ours.key], ours.config['NodeInfo'])

    def test_unknown_key_times_out(self):
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            ours, stock = mesh.line(('ours', 'stock'))
            mesh.start()
            mesh.wait_agreed(20)
            with self.assertRaisesRegex(AssertionError, '(?i)timed? ?out'):
                ours.admin('getnodeinfo', timeout=15, key='ab' * 32)


class Local(unittest.TestCase):
    """yggdrasilctl, as map crawlers and scripts use it, against our socket."""

    def test_yggdrasilctl(self):
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            ours, stock = mesh.line(('ours', 'stock'))
            mesh.start()
            mesh.wait_agreed(20)
            mesh.warm_up([(ours, stock)], 20)
            for command in ('list', 'getself', 'getpeers', 'gettree', 'getpaths', 'getsessions', 'gettun',
                            'getmulticastinterfaces'):
                status, text = stock_ctl(ours, command)
                self.assertEqual(status, 0, (command, text))
                status, text = stock_ctl(ours, '-json', command)
                self.assertEqual(status, 0, (command, text))
                mine, theirs = json.loads(text), json.loads(stock_ctl(stock, '-json', command)[1])
                self.check_like(command, mine, theirs)
            status, text = stock_ctl(ours, 'getself')
            self.assertIn(ours.key, text)
            self.assertIn(ours.address, text)
            status, text = stock_ctl(ours, 'getpeers')
            self.assertIn(stock.address, text)
            status, text = stock_ctl(ours, 'getnodeinfo', 'key=' + stock.key)
            self.assertEqual(status, 0, text)
            self.assertIn(stock.label, text)
            status, text = stock_ctl(ours, '-json', 'getdht')
            self.assertEqual(status, 0, text)
            self.assertEqual(json.loads(text)['lookup'], 'auto')
            status, text = stock_ctl(ours, 'nonsense')
            self.assertNotEqual(status, 0, text)

    # In a list these depend on what the peer did lately.
    OPTIONAL = {'rate_recvd', 'rate_sent', 'latency', 'last_error', 'last_error_time', 'password', 'priority', 'cost'}

    def check_like(self, command, mine, theirs):
        """Every field of the stock answer is there, and of the same type."""
        if command == 'list':
            return
        for name, value in theirs.items():
            self.assertIn(name, mine, command)
            self.assertIs(type(mine[name]), type(value), (command, name))
            if isinstance(value, list) and value:
                self.assertTrue(mine[name], (command, name))
                for key, item in value[0].items():
                    if key in self.OPTIONAL:
                        continue
                    self.assertIn(key, mine[name][0], (command, name))
                    self.assertEqual(isinstance(item, (int, float)), isinstance(mine[name][0][key], (int, float)),
                                     (command, name, key))

    def test_events(self):
        """What the log told, from when one likes; and the next, as soon as it is told."""
        with Mesh(self.id()) as mesh:
            node, other = mesh.add('ours'), mesh.add('stock')
            _, (address, _) = mesh.wire(node.namespace, other.namespace)
            other.config['Listen'] = ['tcp://%s:%d' % (address, PORT)]
            mesh.start()
            told = wait_for(lambda: node.admin('events')['events'], 5, 'the node tells of its start')
            self.assertEqual([e['number'] for e in told], list(range(1, len(told) + 1)))
            self.assertIn('address ' + node.address, [e['text'] for e in told])
            newest = told[-1]['number']
            self.assertEqual(node.admin('events', after=newest)['events'], [])
            with ThreadPoolExecutor(1) as pool:
                waiting = pool.submit(node.admin, 'events', after=newest, wait=20, timeout=25)
                node.admin('addpeer', uri=other.config['Listen'][0])
                came = waiting.result()['events']
            self.assertTrue(came and came[0]['number'] == newest + 1, came)
            wait_for(lambda: any(e['text'].startswith('link up: ' + other.address) and e['level'] == 'info'
                                 for e in node.admin('events', after=newest)['events']), 5, 'the link is told of')
            with self.assertRaisesRegex(Exception, 'wait: expected a number from 0 to 30'):
                node.admin('events', wait=31)

    def test_add_and_remove_peer(self):
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            ours, stock = mesh.add('ours'), mesh.add('stock')
            uri = mesh.link(ours, stock)
            ours.config['Peers'] = []
            mesh.start([stock, ours])
            ours.admin('addpeer', uri=uri)
            wait_for(ours.peers_up, 10, 'the added peer is up')
            with self.assertRaises(AssertionError):
                ours.admin('addpeer', uri=uri)
            ours.admin('removepeer', uri=uri)
            wait_for(lambda: not ours.peers_up(), 10, 'the removed peer is gone')
            wait_for(lambda: not stock.peers_up(), 10, 'the removed peer sees it')
            with self.assertRaises(AssertionError):
                ours.admin('removepeer', uri=uri)
