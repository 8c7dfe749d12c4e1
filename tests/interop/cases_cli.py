"""The commands that ask the running node, on live meshes, and what they print."""
import json
import os
import pty
import re
import select
import signal
import subprocess
import time
import unittest

from harness.mesh import Mesh
from harness.namespaces import wait_for
from harness.nodes import THICKET


def thicket(node, *words, env=None):
    """Runs a command as the node's operator would; returns (status, output, errors)."""
    done = subprocess.run((THICKET,) + words + ('--config', node.config_file), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=30, env=dict(os.environ, LC_ALL='C.UTF-8', **env or {}))
    return done.returncode, done.stdout, done.stderr


class Terminal:
    """A command on a terminal of its own, of which everything it wrote is kept."""

    def __init__(self, node, *words, environment=None):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.environ.update(LC_ALL='C.UTF-8', TERM='xterm')
            os.environ.pop('NO_COLOR', None)
            os.environ.update(environment or {})
            os.execv(THICKET, (THICKET,) + words + ('--config', node.config_file))
        self.text = b''

    def read(self, seconds=0.2):
        if select.select([self.master], [], [], seconds)[0]:
            try:
                self.text += os.read(self.master, 65536)
            except OSError:  # its other end is closed
                pass
        return self.text

    def wait_end(self, seconds=10):
        """Its exit status as the shell has it; negative: killed by a signal."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.read(0)
                self.pid = None
                os.close(self.master)
                return os.waitstatus_to_exitcode(status)
        raise AssertionError('it does not end: %r' % self.text[-300:])

    def close(self):
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            os.close(self.master)


class Commands(unittest.TestCase):
    def line(self, mesh, kinds, name=None):
        self.mesh = mesh
        mesh.line(kinds)
        if name is not None:
            mesh.nodes[-1].config['NodeInfo']['name'] = name
        mesh.start()
        mesh.wait_agreed(30, stable=1)
        return mesh.nodes

    def run_ok(self, node, *words, env=None):
        status, output, errors = thicket(node, *words, env=env)
        self.assertEqual((status, errors), (0, ''), (words, output))
        self.assertNotRegex(output, '[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]', words)
        return output

    def run_json(self, node, *words):
        return json.loads(self.run_ok(node, *words, '--json'))

    def check_status(self, node, root, peers):
        text = self.run_ok(node, 'status')
        for part in (node.address, node.key, 'tun0, MTU 65535', 'Peers       %d of %d up' % (peers, peers), 'Health      good'):
            self.assertIn(part, text)
        self.assertRegex(text, r'Root        %s\n' % ('this node' if node is root else root.address))
        self.assertRegex(text, r'Coordinates \[[\d ]*\], \d below the root\n')
        answer = self.run_json(node, 'status')
        self.assertEqual(answer['node']['root']['key'], root.key)
        self.assertTrue(answer['health']['healthy'])
        self.assertEqual(node.admin('health'), {'healthy': True, 'problems': []})

    def check_tables(self, node, peers, far):
        text = self.run_ok(node, 'peers')
        for peer in peers:
            self.assertRegex(text, r'up(, in)? +%s ' % re.escape(peer.address))
        narrow = self.run_ok(node, 'peers', env={'COLUMNS': '80'})
        self.assertLessEqual(max(map(len, narrow.splitlines())), 80, narrow)
        self.assertEqual({p['key'] for p in self.run_json(node, 'peers')['peers']}, {p.key for p in peers})
        self.assertRegex(self.run_ok(node, 'sessions'), r'%s +[\d.]+ \w+ ' % re.escape(far.address))
        self.assertIn(far.key, [s['key'] for s in self.run_json(node, 'sessions')['sessions']])

    def test_ours_between_stock_nodes(self):
        with Mesh(self.id()) as mesh:
            first, ours, third, last = self.line(mesh, ('stock', 'ours', 'stock', 'ours'))
            last.first_answer(ours, 30)
            ours.first_answer(last, 30)
            # Who looked the other one up has a path; the other one was told where it is.
            paths = self.run_ok(last, 'paths')
            self.assertRegex(paths, r'%s +\d[\d ]* ' % re.escape(ours.address))
            self.assertIn(ours.key, [p['key'] for p in self.run_json(last, 'paths')['paths']])
            self.check_status(ours, first, 2)
            self.check_status(last, first, 1)
            self.check_tables(ours, [first, third], last)
            tree = self.run_ok(ours, 'tree')
            self.assertEqual(tree.splitlines()[0], first.address + '  root, peer')
            self.assertIn('\n└─ %s  this node\n' % ours.address, tree)
            self.assertIn('\n   └─ %s  peer' % third.address, tree)
            self.assertIn(ours.key, [e['key'] for e in self.run_json(ours, 'tree')['tree']])
            self.report = 'status, peers, sessions, paths and tree show the mesh'
            for node in (ours, last):
                self.assertEqual(node.bad_log_lines(), [])

    def test_peer_add_and_remove(self):
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            ours, stock = mesh.add('ours'), mesh.add('stock')
            uri = mesh.link(ours, stock)
            ours.config['Peers'] = []
            mesh.start([stock, ours])
            self.assertIn('thicket peer add', self.run_ok(ours, 'peers'))
            status = self.run_ok(ours, 'status')
            self.assertIn('not good', status)
            self.assertIn('no peer is dialled', status)
            self.assertIn('thicket peers', self.run_ok(ours, 'peer', 'add', uri))
            wait_for(ours.peers_up, 10, 'the added peer is up')
            status, output, errors = thicket(ours, 'peer', 'add', uri)
            self.assertEqual((status, output), (1, ''))
            self.assertIn('is a peer already', errors)
            self.run_ok(ours, 'peer', 'remove', uri)
            wait_for(lambda: not ours.peers_up(), 10, 'the removed peer is gone')
            self.assertEqual(thicket(ours, 'peer', 'remove', uri)[0], 1)
            self.assertEqual(thicket(ours, 'peer', 'add', 'nonsense')[0], 2)
            self.assertEqual(thicket(ours, 'peer', 'frob', uri)[0], 2)

    def test_node_info_of_hostile_and_absent_nodes(self):
        evil = 'ev\x1b[2J\x1b]0;owned\x07\x7fil\u202e\u009b31m\nnode Ångström'
        with Mesh(self.id()) as mesh:
            ours, _, other = self.line(mesh, ('ours', 'stock', 'stock'), name=evil)
            ours.first_answer(other, 30)
            text = self.run_ok(ours, 'nodeinfo', other.key)
            self.assertIn('name           ev?[2J?]0;owned??il??31m?node Ångström\n', text)
            self.assertNotRegex(text, '[\u0080-\u009f\u202e]')
            self.assertEqual(self.run_json(ours, 'nodeinfo', other.address)[other.key]['name'], evil)
            self.assertIn(ours.label, self.run_ok(ours, 'nodeinfo'))
            status, output, errors = thicket(ours, 'nodeinfo', '20f:1234:5678:9abc:def0:1234:5678:9abc')
            self.assertEqual((status, output), (4, ''))
            self.assertIn('was not found', errors)
            status, output, errors = thicket(ours, 'nodeinfo', 'ab' * 32)
            self.assertEqual((status, output), (4, ''), errors)
            self.assertIn('does not answer', errors)

    def test_top_in_lines(self):
        with Mesh(self.id()) as mesh:
            ours, stock = self.line(mesh, ('ours', 'stock'))
            begin = time.monotonic()
            lines = self.run_ok(ours, 'top', '--count', '3', '--interval', '0.2').splitlines()
            self.assertGreaterEqual(time.monotonic() - begin, 0.4)
            self.assertEqual(len(lines), 3)
            for line in lines:
                self.assertRegex(line, r'^up \d+s, peers 1/1, sessions \d+, in [\d.]+ \w+/s, out [\d.]+ \w+/s, health good$')
            self.assertEqual(len(self.run_ok(ours, 'top').splitlines()), 1)
            self.assertEqual(self.run_json(ours, 'top')['node']['key'], ours.key)
            self.assertEqual(stock.key, self.run_json(ours, 'top', '--count', '1')['peers']['shown'][0]['key'])

    def test_top_on_a_terminal(self):
        with Mesh(self.id()) as mesh:
            ours, stock = self.line(mesh, ('ours', 'stock'))
            for stop in (lambda t: os.write(t.master, b'q'), lambda t: os.write(t.master, b'\x03'),
                         lambda t: os.kill(t.pid, signal.SIGTERM)):
                terminal = Terminal(ours, 'top', '--interval', '0.2')
                self.addCleanup(terminal.close)
                wait_for(lambda: terminal.read().count(b'\x1b[H') >= 3, 10, 'three pictures')
                self.assertIn(ours.address.encode(), terminal.text)
                stop(terminal)
                self.assertEqual(terminal.wait_end(), 0)
                self.assertTrue(terminal.text.startswith(b'\x1b[?1049h'), terminal.text[:100])
                self.assertTrue(terminal.text.endswith(b'\x1b[?25h\x1b[?1049l'), terminal.text[-100:])
            terminal = Terminal(ours, 'top', '--interval', '0.2')
            self.addCleanup(terminal.close)
            wait_for(lambda: terminal.read().count(b'\x1b[H') >= 2, 10, 'two pictures')
            ours.terminate()
            self.assertEqual(terminal.wait_end(), 1)
            screen, _, after = terminal.text.rpartition(b'\x1b[?1049l')
            self.assertIn(b'\x1b[?25h', screen)
            self.assertIn(b'thicket run', after)

    def test_colours_on_a_terminal_only(self):
        with Mesh(self.id()) as mesh:
            ours, _ = self.line(mesh, ('ours', 'stock'))
            terminal = Terminal(ours, 'status')
            self.addCleanup(terminal.close)
            self.assertEqual(terminal.wait_end(), 0)
            self.assertIn(b'\x1b[32mgood\x1b[0m', terminal.text)
            plain = Terminal(ours, 'status', environment={'NO_COLOR': '1'})
            self.addCleanup(plain.close)
            self.assertEqual(plain.wait_end(), 0)
            self.assertIn(b'good', plain.text)
            self.assertNotIn(b'\x1b', plain.text)
            self.run_ok(ours, 'status')  # in a pipe: no control characters

    def test_says_on_a_terminal_what_it_waits_for(self):
        erase = b'\r\x1b[K'
        with Mesh(self.id()) as mesh:
            ours, stock = self.line(mesh, ('ours', 'stock'))
            wait_for(lambda: thicket(ours, 'trace', stock.key)[0] == 0, 30, 'the other node is found')
            for words, status, notices in (
                    (('nodeinfo', 'ab' * 32), 4, (b'asking the node, for up to 6 seconds ...',)),
                    (('lookup', stock.key), 0, (b'looking for the node ...',)),
                    (('trace', stock.key), 0, (b'looking for hop 1 ...', b'measuring hop 1 ...'))):
                terminal = Terminal(ours, *words)
                self.addCleanup(terminal.close)
                self.assertEqual(terminal.wait_end(20), status, terminal.text)
                for notice in notices:
                    self.assertIn(notice + erase, terminal.text)
                self.assertNotIn(b' ...', thicket(ours, *words)[2].encode())
                dumb = Terminal(ours, *words, environment={'TERM': 'dumb'})
                self.addCleanup(dumb.close)
                self.assertEqual(dumb.wait_end(20), status, dumb.text)
                self.assertNotIn(b' ...', dumb.text)
                self.assertNotIn(b'\x1b', dumb.text)

    def test_stopped_or_closed_it_says_what_to_do(self):
        with Mesh(self.id()) as mesh:
            ours, _ = self.line(mesh, ('ours', 'stock'))
            done = subprocess.run(('setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', THICKET, 'status', '--socket',
                                   'unix://' + ours.socket), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
            self.assertEqual((done.returncode, done.stdout), (1, ''))
            self.assertIn(ours.socket, done.stderr)
            self.assertIn('group', done.stderr)
            ours.terminate()
            for words in (('status',), ('peers',), ('sessions',), ('paths',), ('tree',), ('top',), ('nodeinfo',),
                          ('peer', 'add', 'tcp://192.0.2.1:1')):
                status, output, errors = thicket(ours, *words)
                self.assertEqual((status, output), (1, ''), words)
                self.assertIn(ours.socket, errors)
                self.assertIn('thicket run', errors)
