"""Metrics, health and the dashboard's figures: they say what the administration socket says."""
import json
import re
import unittest

from harness.mesh import Mesh
from harness.namespaces import wait_for

PORT = 9100


def get(node, path, host=None, address='127.0.0.1', method='GET'):
    """One request from within the node's namespace; returns status, fields and body."""
    request = '%s %s HTTP/1.1\r\nHost: %s\r\n\r\n' % (method, path, host or '%s:%d' % (address, PORT))
    script = ('import socket, sys\n'
              's = socket.create_connection((%r, %d), 5)\n'
              's.sendall(%r)\n'
              'data = b""\n'
              'while part := s.recv(65536): data += part\n'
              'sys.stdout.buffer.write(data)' % (address, PORT, request.encode()))
    done = node.namespace.run('python3', '-c', script, timeout=15)
    head, _, body = done.stdout.partition('\n\n')  # text mode reads \r\n as \n
    lines = head.split('\n')
    fields = dict(line.split(': ', 1) for line in lines[1:])
    return int(lines[0].split()[1]), fields, body


def metrics(node):
    """{name: {labels as a frozen set of pairs: value}}"""
    status, fields, body = get(node, '/metrics')
    assert status == 200 and fields['Content-Type'].startswith('text/plain; version=0.0.4'), (status, fields)
    found = {}
    for line in body.splitlines():
        if line.startswith('#'):
            continue
        name, labels, value = re.fullmatch(r'(\w+)(?:\{(.*)\})? (\S+)', line).groups()
        pairs = re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', labels or '')
        found.setdefault(name, {})[frozenset(pairs)] = float(value)
    return found


def one(found, name, **labels):
    return found[name][frozenset(labels.items())]


class Metrics(unittest.TestCase):

    def start(self, mesh, kinds=('stock', 'ours', 'ours')):
        self.mesh = mesh
        mesh.line(kinds)
        ours = mesh.nodes[1]
        ours.config['MetricsListen'] = 'localhost:%d' % PORT
        return ours

    def test_equal_to_the_administration_socket(self):
        with Mesh(self.id()) as mesh:
            ours = self.start(mesh)
            stock, _, other = mesh.nodes
            mesh.start()
            mesh.wait_agreed(20, stable=1)
            mesh.warm_up([(ours, stock), (ours, other), (stock, other)], 20)
            before, dht_before = {p['key']: p for p in ours.peers_up()}, ours.admin('getdht')
            found = metrics(ours)
            after, dht_after = {p['key']: p for p in ours.peers_up()}, ours.admin('getdht')
            self.assertEqual(set(before), {stock.key, other.key})
            for key, peer in before.items():
                remote = re.sub(r':\d+$', '', peer['remote']) if peer['inbound'] else peer['remote']
                labels = dict(remote=remote, direction='inbound' if peer['inbound'] else 'outbound', key=key)
                for name, field in (('received', 'bytes_recvd'), ('sent', 'bytes_sent')):
                    value = one(found, 'thicket_peer_%s_bytes_total' % name, **labels)
                    self.assertTrue(peer[field] <= value <= after[key][field], (name, value, peer, after[key]))
                self.assertTrue(peer['uptime'] <= one(found, 'thicket_peer_uptime_seconds', **labels) <= after[key]['uptime'])
                self.assertLess(one(found, 'thicket_peer_round_trip_seconds', **labels), 1)
            info = ours.admin('getself')
            self.assertEqual(one(found, 'thicket_node_info', key=info['key'], address=info['address'], subnet=info['subnet']), 1)
            self.assertEqual(one(found, 'thicket_build_info', version=info['build_version']), 1)
            self.assertEqual(one(found, 'thicket_tree_entries'), info['routing_entries'])
            self.assertEqual(one(found, 'thicket_tree_info', root=stock.key, parent=stock.key), 1)
            self.assertEqual(one(found, 'thicket_tree_depth'), 1)
            self.assertEqual(one(found, 'thicket_sessions'), len(ours.admin('getsessions')['sessions']))
            self.assertEqual(one(found, 'thicket_paths'), len(ours.admin('getpaths')['paths']))
            self.assertEqual(one(found, 'thicket_peers', direction='outbound', state='up'), 1)
            self.assertEqual(one(found, 'thicket_peers', direction='inbound', state='up'), 1)
            self.assertEqual(one(found, 'thicket_tun_mtu_bytes'), ours.admin('gettun')['mtu'])
            self.assertGreaterEqual(one(found, 'thicket_tun_read_packets_total'), 2)
            self.assertEqual(one(found, 'thicket_healthy'), 1)
            for name, field in (('contacts', 'table_size'), ('lookups_total', 'lookups'), ('sent_bytes_total', 'bytes_sent')):
                value = one(found, 'thicket_dht_' + name)
                self.assertTrue(dht_before[field] <= value <= dht_after[field], (name, value, dht_before, dht_after))
            links = [found['thicket_links_%s_bytes_total' % way][frozenset()] for way in ('received', 'sent')]
            self.assertEqual(links, [sum(found['thicket_peer_%s_bytes_total' % way].values()) for way in ('received', 'sent')])
            self.check_status(ours, after)

    def check_status(self, ours, peers):
        status, fields, body = get(ours, '/status.json')
        self.assertEqual((status, fields['Content-Type']), (200, 'application/json'))
        shown = json.loads(body)
        self.assertEqual({p['key'] for p in shown['peers']['shown']}, set(peers))
        self.assertEqual(shown['peers']['total'], 2)
        for name, request in (('sessions', 'getsessions'), ('tree', 'gettree')):
            self.assertEqual({e['key'] for e in shown[name]['shown']},
                             {e['key'] for e in ours.admin(request)[name]}, name)
        self.assertEqual(shown['node']['tun'], ours.admin('gettun'))

    def test_health_follows_the_links(self):
        with Mesh(self.id()) as mesh:
            ours = self.start(mesh, ('stock', 'ours'))
            stock = mesh.nodes[0]
            mesh.start([ours])
            status, _, body = get(ours, '/healthz')
            self.assertEqual(status, 503)
            self.assertEqual([p['problem'] for p in json.loads(body)['problems']], ['no_peers_up'])
            mesh.start([stock])
            wait_for(lambda: get(ours, '/healthz')[0] == 200, 20, 'the node is healthy with its peer')
            self.assertEqual(json.loads(get(ours, '/healthz')[2]), {'healthy': True, 'problems': []})
            stock.kill()
            wait_for(lambda: get(ours, '/healthz')[0] == 503, 20, 'the node misses its peer')
            found = metrics(ours)
            self.assertEqual(one(found, 'thicket_links_established_total'), one(found, 'thicket_links_ended_total'))
            self.assertGreater(one(found, 'thicket_links_received_bytes_total'), 0)
            self.assertEqual(list(found['thicket_peer_up'].values()), [0])

    def test_a_tun_that_was_deleted_is_missed(self):
        with Mesh(self.id()) as mesh:
            ours = self.start(mesh, ('stock', 'ours'))
            mesh.start()
            mesh.wait_agreed(20)
            self.assertEqual(get(ours, '/healthz')[0], 200)
            ours.namespace.run('ip', 'link', 'delete', 'tun0')
            wait_for(lambda: get(ours, '/healthz')[0] == 503, 10, 'the node misses its TUN')
            self.assertEqual([p['problem'] for p in json.loads(get(ours, '/healthz')[2])['problems']], ['no_tun'])
            self.assertEqual(one(metrics(ours), 'thicket_tun_up'), 0)

    def test_who_may_ask_from_outside(self):
        with Mesh(self.id()) as mesh:
            ours = self.start(mesh, ('stock', 'ours'))
            ours.config['MetricsListen'] = '[::]:%d' % PORT
            mesh.start()
            mesh.wait_agreed(20)
            self.assertIn('MetricsListen: whoever reaches', ours.log())
            self.assertEqual(get(ours, '/healthz')[0], 200)
            # From another machine, by its address in the mesh: ours, or any name for it.
            stock = mesh.nodes[0]
            mesh.warm_up([(stock, ours)], 20)
            literal = '[%s]:%d' % (ours.address, PORT)
            self.assertEqual(get(stock, '/healthz', literal, ours.address)[0], 200)
            for host in ('localhost', '127.0.0.1', 'rebound.example', '[%s]' % stock.address):
                self.assertEqual(get(stock, '/status.json', host, ours.address)[0], 421, host)
            self.assertEqual(get(stock, '/', literal, ours.address, method='POST')[0], 405)
