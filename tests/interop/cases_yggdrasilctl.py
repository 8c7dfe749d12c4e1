"""Stock yggdrasilctl prints of our node what it prints of a stock node in the same place of the same mesh."""
import re
import subprocess
import unittest

from harness.mesh import Mesh
from harness.namespaces import wait_for


def ctl(node, *words):
    """yggdrasilctl against a node's socket; returns its exit status and what it prints."""
    done = subprocess.run(('yggdrasilctl', '-endpoint=unix://' + node.socket) + words, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=20)
    return done.returncode, done.stdout + done.stderr


def table(text, columns):
    """The named columns of each row, in order, below a line with all titles."""
    lines = [[cell.strip() for cell in line.split('\t')] for line in text.splitlines()]
    places = [lines[0].index(column) for column in columns]
    return lines[0], sorted(tuple(row[place] for place in places) for row in lines[1:])


class Yggdrasilctl(unittest.TestCase):
    # Columns that are the same for both nodes; the others depend on what happened when.
    TABLES = {
        'getmulticastinterfaces': ('Name', 'Listen Address', 'Beacon', 'Listen', 'Password'),
        'getpaths': ('Public Key', 'IP Address', 'Path'),
        'getpeers': ('URI', 'State', 'Dir', 'IP Address', 'Pr', 'Last Error'),
        'getsessions': ('Public Key', 'IP Address'),
        'gettree': ('Public Key', 'IP Address', 'Parent'),
    }
    ABOUT_ITSELF = ('getself', 'gettun')
    OF_OTHERS = ('debug_remotegetpeers', 'debug_remotegetself', 'debug_remotegettree', 'getnodeinfo')

    def setUp(self):
        self.mesh = Mesh(self.id())
        self.addCleanup(self.mesh.close)
        self.root = self.mesh.add('stock', label='root')
        self.nodes = self.ours, self.stock = [self.mesh.add(kind, label='leaf%d' % i)
                                              for i, kind in enumerate(('ours', 'stock'))]
        for node in self.nodes:
            self.mesh.link(node, self.root)
        self.mesh.start()
        self.mesh.wait_agreed(30, stable=1)
        self.mesh.warm_up([(self.ours, self.stock), (self.stock, self.ours)], 30)

    def masked(self, node, text):
        """Text in which the node asked and the other leaf are named by their parts, and so are ports and link addresses."""
        other = self.stock if node is self.ours else self.ours
        for name, leaf in (('self', node), ('other', other)):
            for value, kind in ((leaf.key, 'key'), (leaf.address, 'address'), (leaf.label, 'label')):
                text = text.replace(value, '<%s of %s>' % (kind, name))
        text = re.sub(r'tcp://[\d.]+:\d+', 'tcp://<place>', text)
        return re.sub(r'\[\d+\]', '[<port>]', text)

    def both(self, *words):
        """What yggdrasilctl prints of ours and of the stock node; it does both without complaint."""
        said = []
        for node in self.nodes:
            status, text = ctl(node, *words)
            self.assertEqual(status, 0, (node, words, text))
            said.append(self.masked(node, text))
        return said

    def test_lists_what_stock_nodes_can_do(self):
        mine, theirs = self.both('list')
        columns = ('Command', 'Arguments', 'Description')
        rows = table(theirs, columns)[1]
        self.assertEqual({row[0] for row in rows},
                         {*self.TABLES, *self.ABOUT_ITSELF, *self.OF_OTHERS, 'list', 'addpeer', 'removepeer'},
                         'every request that a stock node knows is tried here')
        known = {row[0]: row[1] for row in table(mine, columns)[1]}
        for command, arguments, _ in rows:
            self.assertEqual(known[command][:len(arguments)], arguments, '%s, and perhaps more' % command)

    def test_shows_tables_of_the_same_things(self):
        for command, columns in self.TABLES.items():
            def same(command=command, columns=columns):
                mine, theirs = (table(text, columns) for text in self.both(command))
                self.assertEqual(mine[0], theirs[0], command)
                return mine[1] == theirs[1]
            wait_for(same, 15, lambda command=command: '%s shows the same: %s' % (command, self.both(command)))

    def test_shows_the_same_of_the_node_itself(self):
        for command in self.ABOUT_ITSELF:
            mine, theirs = ([[cell.strip() for cell in line.split('\t')] for line in text.splitlines()]
                            for text in self.both(command))
            self.assertEqual([row[0] for row in mine], [row[0] for row in theirs], command)
            for row, other in zip(mine, theirs):
                if row[0] not in ('Build name:', 'Build version:', 'IPv6 subnet:'):
                    self.assertEqual(row, other, command)

    def test_asks_other_nodes_alike(self):
        for command in self.OF_OTHERS:
            # In lists the order of what was asked varies, and with it where commas are.
            mine, theirs = (sorted(line.rstrip(',') for line in text.splitlines())
                            for text in self.both('-json', command, 'key=' + self.root.key))
            self.assertEqual(mine, theirs, command)

    def test_adds_and_removes_peers_alike(self):
        uri = 'uri=tcp://127.0.0.1:1'
        self.assertEqual(*self.both('addpeer', uri))
        for node in self.nodes:
            self.assertIn('tcp://127.0.0.1:1', ctl(node, 'getpeers')[1])
        self.assertEqual(*self.both('removepeer', uri))
        for node in self.nodes:
            self.assertNotIn('tcp://127.0.0.1:1', ctl(node, 'getpeers')[1])
            self.assertEqual(ctl(node, 'removepeer', uri)[0], 1)

    def test_tells_of_errors_alike(self):
        for words in (('nonsense',), ('getnodeinfo', 'key=zz'), ('debug_remotegetself', 'key=00'), ('removepeer', 'uri=x://y')):
            for node in self.nodes:
                status, text = ctl(node, *words)
                self.assertEqual(status, 1, (node, words, text))
                self.assertIn('Admin socket returned an error: ', text, (node, words))
