"""The manual shows what the commands print: its output is that of the mesh made here, but for what differs from run to run.

THICKET_UPDATE_MANUAL=1 writes the section anew.
"""
import os
import re
import subprocess
import unittest

from harness.mesh import Mesh
from harness.namespaces import wait_for
from harness.nodes import REPOSITORY, THICKET, ThicketNode, ours

MANUAL = os.path.join(REPOSITORY, 'node/thicket.1')
BEGIN, END = '.SH OUTPUT\n', '.SH SECURITY\n'
ABOUT = """What the commands print, on a node between a Yggdrasil node and another one of Thicket, two links from
.IR %s :
"""
ESCAPES = (('\\', '\\e'), ('-', '\\-'), ("'", '\\(aq'), ('`', '\\(ga'), ('^', '\\(ha'), ('~', '\\(ti'))
WIDTH = '80'
# Which columns fit depends on the numbers: of the rows of these tables so many words are compared.
STABLE_WORDS = {'thicket peers': 2, 'thicket sessions': 1, 'thicket paths': 2}


def escaped(line):
    for plain, troff in ESCAPES:
        line = line.replace(plain, troff)
    return '\\&' + line if line.startswith('.') else line


def plain(line):
    for text, troff in reversed(ESCAPES):
        line = line.replace(troff, text)
    return line.removeprefix('\\&')


def masked(text, words=None):
    """Without what differs from run to run: numbers, their units, ports, and how wide columns are for them."""
    text = re.sub(r'(Runs as +).*', r'\1#', text)  # which sandbox there is is up to the kernel
    text = re.sub(r'(tcp://[\d.]+:)\d{5}', r'\1#', text)
    text = re.sub(r'[\d.]+(?:/[\d.]+){3} ', '# ', text)
    text = re.sub(r'(?<![\w:./])[\d.]*\d(?:[smh](?![a-z]))?(?![\w:./])', '#', text)
    text = re.sub(r'# (?:[KMG]i)?B(/s)?\b|#% ', '# ', text)
    text = re.sub(r'\b(record|step|peer)s?\b', r'\1', text)
    return [' '.join(line.split()[:words]) for line in text.strip().splitlines()]


def shown():
    """{command line: output} of the manual's section."""
    with open(MANUAL) as f:
        section = f.read().partition(BEGIN)[2].partition(END)[0]
    blocks = re.findall(r'^\.nf\n\.in 0\n\$ (.*?)\n(.*?)^\.in\n\.fi\n', section, re.M | re.S)
    return {plain(words): '\n'.join(map(plain, output.splitlines())) for words, output in blocks}


def write(about, outputs):
    with open(MANUAL) as f:
        before, _, rest = f.read().partition(BEGIN)
    if not rest:
        before, _, rest = before.partition(END)
        rest = END + rest
    blocks = []
    for words, output in outputs.items():
        lines = '\n'.join(map(escaped, output.rstrip('\n').splitlines()))
        blocks.append('.PP\n.nf\n.in 0\n$ %s\n%s\n.in\n.fi\n' % (escaped(words), lines))
    with open(MANUAL, 'w') as f:
        f.write(before + BEGIN + ABOUT % about + ''.join(blocks) + END + rest.partition(END)[2])


@unittest.skipIf(ours() is not ThicketNode, 'about our commands only')
class Manual(unittest.TestCase):
    def printed(self, words):
        environment = dict(os.environ, LC_ALL='C', COLUMNS=WIDTH)
        done = subprocess.run([THICKET] + words.split()[1:] + ['--config', self.asked.config_file], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, env=environment)
        self.assertEqual((done.returncode, done.stderr), (0, ''), words)
        return done.stdout

    def test_shows_what_commands_print(self):
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            far, _, self.asked, _ = mesh.line(('ours', 'stock', 'ours', 'ours'))
            far.config['NodeInfo'] = {'name': 'attic'}
            mesh.start()
            mesh.wait_agreed(30, stable=1)
            mesh.warm_up([(self.asked, far), (far, self.asked)], 30)
            commands = ['thicket ' + words for words in (
                'status', 'peers', 'sessions', 'paths', 'tree', 'top', 'nodeinfo ' + far.address, 'lookup ' + far.address,
                'ping -c 2 ' + far.address, 'trace ' + far.address, 'reload', 'peer add tcp://127.0.0.1:1',
                'peer remove tcp://127.0.0.1:1')]
            os.chmod(self.asked.config_file, 0o600)
            wait_for(lambda: 'thicket/' in self.printed('thicket sessions'), 30, 'the program at the other end is known')
            if os.environ.get('THICKET_UPDATE_MANUAL'):
                write(far.address, {words: self.printed(words) for words in commands})
            manual = shown()
            self.assertEqual(list(manual), commands)
            for words, text in manual.items():
                outputs = []

                def same(words=words, text=text, outputs=outputs):
                    outputs.append(self.printed(words))
                    mine, manual = (masked(t, STABLE_WORDS.get(words)) for t in (outputs[-1], text))
                    if words in ('thicket sessions', 'thicket paths'):  # with the node between, too, once it was asked something
                        return set(manual) <= set(mine)
                    return mine == manual
                if words.startswith('thicket peer '):
                    self.assertTrue(same(), outputs)  # a second time it is refused
                else:
                    wait_for(same, 20, lambda words=words, text=text, outputs=outputs: '%s prints\n%s\n%s' % (
                        words, masked(text), masked(outputs[-1])), interval=0.3)
