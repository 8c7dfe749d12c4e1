"""`thicket ping`: over the mesh from the command line, whatever is at the other end."""
import ipaddress
import json
import re
import signal
import subprocess
import time
import unittest

from harness.mesh import Mesh
from harness.namespaces import wait_for
from harness.nodes import THICKET


def ping(node, *options, timeout=40):
    """Runs the command as the node's operator would; returns (status, output, errors)."""
    done = node.namespace.run(THICKET, 'ping', '--config', node.config_file, *options, timeout=timeout)
    return done.returncode, done.stdout, done.stderr


def trace(node, target, *options):
    """Runs `thicket trace`; returns (status, output, errors)."""
    done = node.namespace.run(THICKET, 'trace', '--config', node.config_file, *options, target, timeout=60)
    return done.returncode, done.stdout, done.stderr


def host_in_subnet(node):
    packed = bytearray(ipaddress.IPv6Address(node.address).packed)
    packed[0] |= 1
    return str(ipaddress.IPv6Address(bytes(packed[:8]) + bytes([0, 0, 0, 0, 0, 0, 0x12, 0x34])))


class Ping(unittest.TestCase):
    def line(self, mesh, kinds, without_tun=()):
        mesh.line(kinds)
        for index in without_tun:
            mesh.nodes[index].config['IfName'] = 'none'
        mesh.start()
        mesh.wait_agreed(30, stable=1)
        # Filters take a while to spread; paths and sessions come with the first answer.
        first, last = mesh.nodes[0], mesh.nodes[-1]
        wait_for(lambda: ping(first, '-c', '1', last.key)[0] == 0, 30, 'a first answer')
        return mesh.nodes

    def check_json(self, node, target, other, way, *options, count=3):
        status, output, errors = ping(node, '--json', '-c', str(count), '-i', '0.3', *options, target)
        self.assertEqual((status, errors), (0, ''), output)
        *answers, summary = [json.loads(line) for line in output.splitlines()]
        self.assertEqual([a['sequence'] for a in answers], list(range(1, count + 1)))
        for answer in answers:
            self.assertEqual((answer['result'], answer['key'], answer['way']), ('answered', other.key, way))
            self.assertTrue(0 < answer['time'] < 2e9, answer)
        self.assertEqual((summary['transmitted'], summary['received']), (count, count))
        self.assertEqual(summary['received_icmp'], count if way == 'icmp' else 0)
        self.assertTrue(summary['rtt_min'] <= summary['rtt_avg'] <= summary['rtt_max'], summary)
        return summary

    def check_text(self, node, target, way, *options):
        status, output, errors = ping(node, '-c', '2', '-i', '0.3', *options, target)
        self.assertEqual((status, errors), (0, ''), output)
        self.assertIn('PING %s with 56 bytes of data\n' % target, output)
        answers = re.findall(r'^%s: seq=[12] time=[\d.]+ ms \(%s\)$' % (target, way), output, re.M)
        self.assertEqual(len(answers), 2, output)
        self.assertIn('2 packets transmitted, 2 received, 0% packet loss', output)
        self.assertRegex(output, r'rtt min/avg/max/mdev = [\d.]+/[\d.]+/[\d.]+/[\d.]+ ms')

    def check_far_end(self, kind):
        with Mesh(self.id()) as mesh:
            first, _, last = self.line(mesh, ('ours', 'ours', kind))
            by_node = self.check_json(first, last.address, last, 'query')
            by_host = self.check_json(first, last.address, last, 'icmp', '--icmp')
            self.check_text(first, last.address, 'node')
            self.check_text(first, last.address, 'ICMPv6 echo', '--icmp')
            # The host's own pings are left alone.
            self.assertEqual(first.ping(last, count=3)[:2], (3, 3))
            # A host in the other's subnet that is not there: its node answers. Then the host is.
            host = host_in_subnet(last)
            self.check_json(first, host, last, 'query')
            last.namespace.run('ip', '-6', 'addr', 'add', host + '/64', 'dev', 'lo', 'nodad', check=True)
            self.check_json(first, host, last, 'icmp')
            # A firewall there: the node itself answers all the same.
            last.namespace.run('ip', '-6', 'route', 'add', 'blackhole', first.address + '/128', 'metric', '1',
                               check=True)
            status, output, _ = ping(first, '-c', '1', '-W', '0.5', '--icmp', last.key)
            self.assertEqual(status, 4, output)
            self.check_json(first, last.key, last, 'query')
            self.report = 'host %.2f ms, node %.2f ms' % (by_host['rtt_avg'] / 1e6, by_node['rtt_avg'] / 1e6)
            self.assertEqual(first.bad_log_lines(), [])

    def test_to_one_of_ours(self):
        self.check_far_end('ours')

    def test_to_a_stock_node(self):
        self.check_far_end('stock')

    def check_without_interfaces(self, kind):
        with Mesh(self.id()) as mesh:
            first, last = self.line(mesh, ('ours', kind), without_tun=(0, 1))
            self.check_json(first, last.address, last, 'query')
            status, output, errors = ping(first, '-c', '1', last.address)
            self.assertEqual((status, errors), (0, ''))
            self.assertRegex(output, r'%s: seq=1 time=[\d.]+ ms \(node\)' % last.address)
            self.assertIn('answered by the node itself', output)
            status, output, _ = ping(first, '-c', '1', '-W', '0.5', '--icmp', last.address)
            self.assertEqual(status, 4, output)
            self.assertIn('no answer: seq=1', output)

    def test_one_of_ours_without_an_interface(self):
        self.check_without_interfaces('ours')

    def test_a_stock_node_without_an_interface(self):
        self.check_without_interfaces('stock')

    def test_who_is_not_there(self):
        with Mesh(self.id()) as mesh:
            first, last = self.line(mesh, ('ours', 'ours'))
            status, output, errors = ping(first, '-c', '1', '20f:1234:5678:9abc:def0:1234:5678:9abc')
            self.assertEqual((status, errors), (4, ''), output)
            self.assertIn('not found: seq=1', output)
            self.assertIn('100% packet loss', output)
            status, output, errors = ping(first, first.address)
            self.assertEqual((status, output.count('\n')), (1, 1))
            self.assertIn('is this node itself', errors)

    def test_ctrl_c_prints_statistics(self):
        with Mesh(self.id()) as mesh:
            first, last = self.line(mesh, ('ours', 'ours'))
            process = first.namespace.spawn(THICKET, 'ping', '--config', first.config_file, '-i', '0.1', last.address,
                                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            time.sleep(1)
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate(timeout=5)
            self.assertEqual((process.returncode, errors), (0, ''), output)
            received = len(re.findall(r': seq=\d+ time=', output))
            self.assertGreater(received, 2)
            self.assertIn('%d packets transmitted, %d received, 0%% packet loss' % (received, received), output)


class Trace(unittest.TestCase):
    def hops(self, node, target, whole=True):
        """The answer once all filters have spread; its hops are those of a path that is stable."""
        answers = []

        def answered():
            status, output, errors = trace(node, target.address, '--json')
            self.assertIn(status, (0, 4), errors)
            answers.append(json.loads(output))
            return status == 0 and (not whole or answers[-1]['complete'])
        wait_for(answered, 30, lambda: '%s traces %s; last answer: %s' % (node, target, answers[-1:]))
        return answers[-1]

    def test_through_stock_nodes(self):
        with Mesh(self.id()) as mesh:
            nodes = mesh.line(('ours', 'stock', 'ours', 'stock', 'stock', 'ours'))
            mesh.start()
            mesh.wait_agreed(30, stable=1)
            for target in nodes[1:]:
                answer = self.hops(nodes[0], target)
                far = nodes.index(target)
                self.assertEqual([hop['key'] for hop in answer['hops']], [n.key for n in nodes[1:far + 1]])
                self.assertEqual([hop['distance'] for hop in answer['hops']], list(range(far - 1, -1, -1)))
                for hop in answer['hops']:
                    self.assertTrue(hop['certain'] and 0 < hop['time'] < 2e9, hop)
            status, text, errors = trace(nodes[0], nodes[-1].key)
            self.assertEqual((status, errors), (0, ''), text)
            self.assertLessEqual(max(map(len, text.splitlines())), 80, text)
            self.assertIn('trace to %s, 5 links away in the tree' % nodes[-1].address, text)
            rows = re.findall(r'^ +(\d)  (\S+) +(\d) +[\d.]+ ms$', text, re.M)
            self.assertEqual(rows, [(str(i), n.address, str(5 - i)) for i, n in enumerate(nodes) if i], text)
            self.assertEqual(nodes[0].bad_log_lines(), [])

    def test_a_hop_that_could_be_another_is_marked(self):
        with Mesh(self.id()) as mesh:
            # At the third node there is a choice: along the tree, or by a short cut.
            nodes = mesh.line(('ours', 'stock', 'stock', 'stock', 'stock', 'ours'))
            mesh.link(nodes[4], nodes[2])
            mesh.start()
            mesh.wait_agreed(30, stable=1)
            answer = self.hops(nodes[0], nodes[5])
            *_, before_last, last = [hop['key'] for hop in answer['hops']]
            self.assertEqual((before_last, last), (nodes[4].key, nodes[5].key))
            for hop in answer['hops']:
                self.assertEqual(hop['certain'], hop.get('nearer', 1) == 1, hop)

    def test_a_gap_is_told(self):
        with Mesh(self.id()) as mesh:
            nodes = mesh.line(('ours', 'stock', 'stock', 'ours'))
            # A stock node without an interface answers nobody once it got an IPv6 packet.
            nodes[2].config['IfName'] = 'none'
            mesh.start()
            mesh.wait_agreed(30, stable=1)
            self.hops(nodes[0], nodes[3])
            status, output, _ = ping(nodes[0], '-c', '2', '-W', '0.3', '--icmp', nodes[2].key)
            self.assertEqual(status, 4, output)
            status, text, errors = trace(nodes[0], nodes[3].address)
            self.assertEqual((status, errors), (0, ''), text)
            self.assertRegex(text, r'(?m)^  2  %s +1 +\*$' % nodes[2].address)
            self.assertRegex(text, r'(?m)^  3  \*  it does not tell its peers$')
            self.assertRegex(text, r'(?m)^  \*  %s +0 +[\d.]+ ms$' % nodes[3].address)
            answer = self.hops(nodes[0], nodes[3], whole=False)
            self.assertEqual((answer['complete'], answer['reached'], len(answer['hops'])), (False, True, 2))


class Doctor(unittest.TestCase):
    def examine(self, node, *options):
        """Runs `thicket doctor`; returns (status, findings by subject)."""
        done = node.namespace.run(THICKET, 'doctor', '--json', '--config', node.config_file, *options, timeout=60)
        self.assertEqual(done.stderr, '')
        return done.returncode, {f['subject']: f for f in json.loads(done.stdout)['findings']}

    def verdicts(self, findings, *but):
        """All verdicts of what this machine's own state does not decide."""
        return {s: f['verdict'] for s, f in findings.items() if s not in ('clock', 'firewall') + but}

    def test_what_is_well_and_what_is_broken(self):
        with Mesh(self.id()) as mesh:
            first, second, third = mesh.line(('ours', 'stock', 'ours'))
            mesh.link(first, third)
            mesh.start()
            mesh.wait_agreed(30, stable=1)
            status, findings = self.examine(first)
            self.assertEqual(set(self.verdicts(findings).values()), {'ok'}, findings)
            self.assertEqual(findings['peers']['what'], '2 of 2 up')
            self.assertRegex(findings['versions']['what'], r'peers run thicket \S+, yggdrasil 0\.5\.\d+$')
            self.assertIn(status, (0, 5))
            run = first.namespace.run
            text = run(THICKET, 'doctor', '--config', first.config_file).stdout
            lines = [line for line in text.splitlines() if first.socket not in line]
            self.assertLessEqual(max(map(len, lines)), 80, text)

            run('ip', '-6', 'route', 'del', '200::/7', check=True)
            run('ip', 'link', 'set', 'tun0', 'mtu', '1400', check=True)
            second.kill()
            wait_for(lambda: len(first.peers_up()) == 1, 20, 'the link to the killed node is down')
            first.namespace.spawn('python3', '-m', 'http.server', '-b', '::', '8080')
            wait_for(lambda: ':1F90 ' in run('cat', '/proc/net/tcp6').stdout, 10, 'a service listens')
            status, findings = self.examine(first)
            self.assertEqual(status, 6)
            self.assertEqual((findings['routes']['verdict'], findings['mtu']['verdict'], findings['diversity']['verdict']),
                             ('problem', 'warning', 'warning'))
            self.assertIn('8080', findings['firewall']['what'])
            # What it says to do helps.
            self.assertEqual(findings['routes']['advice'], 'ip -6 route add 200::/7 dev tun0')
            run(*findings['routes']['advice'].split(), check=True)
            self.assertEqual(self.examine(first)[1]['routes']['verdict'], 'ok')

            first.kill()
            status, findings = self.examine(first)
            self.assertEqual((status, findings['node']['verdict'], findings['listeners']['verdict']), (6, 'problem', 'ok'))
            self.assertIn('thicket run', findings['node']['advice'])
