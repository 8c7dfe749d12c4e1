"""A running node follows its configuration file and loses nothing by it."""
import json
import os
import re
import signal
import subprocess
import threading
import time
import unittest

from harness.mesh import Mesh
from harness.namespaces import wait_for
from harness.nodes import THICKET, AdminError, ThicketNode, ours


def rewrite(node, **changes):
    """Writes the node's configuration anew, whole or not at all; None takes a key out."""
    node.config.update(changes)
    for key in [k for k, v in node.config.items() if v is None]:
        del node.config[key]
    with open(node.config_file + '.new', 'w') as f:
        json.dump(node.config, f, indent=1)
    os.chmod(node.config_file + '.new', 0o600)
    os.rename(node.config_file + '.new', node.config_file)


def link_to(node, other):
    """The entry of getPeers of the link to `other`, or None."""
    return next((p for p in node.peers_up() if p['key'] == other.key), None)


def tun_index(node):
    return node.namespace.run('cat', '/sys/class/net/tun0/ifindex', check=True).stdout.strip()


def texts(report, what):
    return ['%s: %s' % (item['key'], item['text']) for item in report[what]]


@unittest.skipIf(ours() is not ThicketNode, 'about our daemon only')
class Reload(unittest.TestCase):
    def command(self, node, *args):
        return node.namespace.run(THICKET, 'reload', '--config', node.config_file, *args)

    def test_nothing_is_lost(self):
        """A ping every 10 ms and a TCP stream run through the node and to it while everything around them changes."""
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            first, middle, last = mesh.line(('ours', 'ours', 'ours'))
            spare = mesh.add('ours')
            _, (address, _) = mesh.wire(middle.namespace, spare.namespace)
            spare.config['Listen'] = ['tls://%s:7000' % address]
            mesh.start()
            mesh.wait_agreed(20, nodes=[first, middle, last])
            mesh.warm_up([(first, last), (first, middle), (last, middle)], 20)
            index, before = tun_index(middle), link_to(middle, first)
            sessions = {s['key'] for s in middle.admin('getsessions')['sessions']}

            last.namespace.spawn('iperf3', '-6', '-s', '-1', '-B', last.address)
            wait_for(lambda: ':5201' in last.namespace.run('ss', '-6ltn').stdout, 5, 'iperf3 listens')
            stream = first.namespace.spawn('iperf3', '-6', '-J', '-c', last.address, '-t', '6', '-b', '20M',
                                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            results = {}
            pings = [threading.Thread(target=lambda a=a, b=b: results.__setitem__(
                (a.label, b.label), a.ping(b, 500, 0.01))) for a, b in ((first, last), (last, first), (first, middle))]
            for thread in pings:
                thread.start()
            self.change_everything(middle, spare)
            for thread in pings:
                thread.join()
            output = json.loads(stream.communicate(timeout=30)[0])
            self.assertNotIn('error', output)
            self.assertGreater(output['end']['sum_received']['bytes'], 10 ** 7)
            for pair, (sent, received, _) in results.items():
                self.assertEqual((sent, received), (500, 500), 'pings %s -> %s' % pair)
            self.assertEqual(tun_index(middle), index)
            after = link_to(middle, first)
            self.assertGreater(after['uptime'], before['uptime'], 'the link is the same one')
            self.assertTrue(sessions <= {s['key'] for s in middle.admin('getsessions')['sessions']})
            self.assertEqual(middle.bad_log_lines(), [])
            self.report = 'lost 0 of %d pings' % sum(sent for sent, _, _ in results.values())

    def change_everything(self, node, spare):
        listen = list(node.config['Listen'])
        rewrite(node, Peers=node.config['Peers'] + spare.config['Listen'], Listen=listen + ['tls://[::]:7900'],
                NodeInfo={'name': 'renamed'}, LogLevel='debug', Lookup='both',
                MulticastInterfaces=[{'Regex': '.*', 'Beacon': True, 'Listen': True}])
        done = self.command(node, '--json')
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(len(json.loads(done.stdout)['changed']), 6, done.stdout)
        wait_for(lambda: link_to(node, spare), 10, 'the new peer is linked')
        for key in (spare.key, '0' * 64):
            rewrite(node, AllowedPublicKeys=[key] + [n.key for n in self.mesh.nodes])
            node.process.send_signal(signal.SIGHUP)
            time.sleep(0.3)
        rewrite(node, Peers=node.config['Peers'][:-1], Listen=listen, MulticastInterfaces=[], LogLevel=None,
                AllowedPublicKeys=[])
        node.process.send_signal(signal.SIGHUP)
        wait_for(lambda: not link_to(node, spare), 10, 'the peer is gone again')
        self.assertNotIn(':7900', node.namespace.run('ss', '-ltn').stdout)
        self.assertEqual(node.admin('getmulticastinterfaces')['multicast_interfaces'], [])

    def test_what_the_command_says(self):
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            node, = mesh.line(('ours',))
            mesh.start()
            rewrite(node)
            done = self.command(node)
            self.assertEqual((done.returncode, done.stdout), (0, 'Nothing changed.\n'), done.stderr)
            busy = node.namespace.spawn('iperf3', '-4', '-s', '-p', '7901')
            wait_for(lambda: ':7901' in node.namespace.run('ss', '-ltn').stdout, 5, 'iperf3 listens')
            rewrite(node, Peers=['tcp://10.9.9.9:1?password=secret'], Listen=['tls://0.0.0.0:7901', 'tls://[::]:7902'],
                    IfMTU=1400, Unknown=1)
            done = self.command(node)
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            self.assertNotIn('secret', done.stdout)
            for pattern in (r'Changed:\n  Listen +tls://\[::\]:7902 added\n  Peers +tcp://10.9.9.9:1\S+ added\n',
                            r'restarted:\n  IfMTU +needs a restart\n',
                            r'tries again:\n  Listen +tls://0.0.0.0:7901 added: .*in use',
                            r'Warnings:\n  .*Unknown is no known key'):
                self.assertRegex(done.stdout, pattern)
            self.assertEqual(node.admin('gettun')['mtu'], 65535)
            busy.kill()
            busy.wait()
            done = self.command(node)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertRegex(done.stdout, r'Listen +tls://0.0.0.0:7901 added\n')

    def test_a_broken_file_changes_nothing(self):
        """Wrong, cut short, empty, missing, a folder: each says why and leaves the node as it is."""
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            first, second = mesh.line(('ours', 'ours'))
            mesh.start()
            mesh.wait_agreed(20)
            before = link_to(second, first)
            with open(second.config_file) as f:
                whole = f.read()
            half = whole[:len(whole) // 2]
            wrong = whole.replace('65535', '"many"')
            line = next(i for i, l in enumerate(wrong.splitlines(), 1) if 'many' in l)
            for text, expected in ((wrong, r'%s:%d: IfMTU: found ' % (re.escape(second.config_file), line)),
                                   (half, r'%s:\d+: found .*expected' % re.escape(second.config_file)),
                                   ('', r'%s: PrivateKey: found nothing, expected' % re.escape(second.config_file))):
                with open(second.config_file, 'w') as f:
                    f.write(text)
                self.refused(second, expected)
            os.unlink(second.config_file)
            self.refused(second, 'No such file')
            os.mkdir(second.config_file)
            self.refused(second, 'folder')
            os.rmdir(second.config_file)
            self.assertGreater(link_to(second, first)['uptime'], before['uptime'])
            self.assertEqual(mesh.ping_pairs([(first, second)]), [])
            rewrite(second, NodeInfo={'name': 'well again'})
            self.assertEqual(texts(second.admin('reload'), 'changed'), ['NodeInfo: changed'])

    def refused(self, node, pattern):
        begin = len(node.log())
        with self.assertRaisesRegex(AdminError, pattern):
            node.admin('reload')
        node.process.send_signal(signal.SIGHUP)
        wait_for(lambda: node.log()[begin:].count('nothing has changed') >= 2, 5, 'the log says it too')
        self.assertRegex(node.log()[begin:], pattern)
        done = node.namespace.run(THICKET, 'reload', '--socket', 'unix://' + node.socket)
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertRegex(done.stderr, pattern)

    def test_a_key_not_allowed_any_more(self):
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            hub, kept, lost = mesh.add('ours'), mesh.add('stock'), mesh.add('stock')
            for peer in (kept, lost):
                mesh.link(peer, hub)
            mesh.start()
            wait_for(lambda: len(hub.peers_up()) == 2, 10, 'both are linked')
            before = link_to(hub, kept)
            rewrite(hub, AllowedPublicKeys=[kept.key])
            hub.process.send_signal(signal.SIGHUP)
            wait_for(lambda: not link_to(hub, lost), 5, 'its link is closed')
            self.assertGreater(link_to(hub, kept)['uptime'], before['uptime'])
            time.sleep(3)
            self.assertIsNone(link_to(hub, lost), 'and it cannot come back')
            rewrite(hub, AllowedPublicKeys=[])
            hub.process.send_signal(signal.SIGHUP)
            wait_for(lambda: link_to(hub, lost), 70, 'until it may')
