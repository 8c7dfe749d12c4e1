"""Local discovery on a bridge: ours and stock find each other, as interfaces come, go and change."""
import os
import re
import signal
import unittest

from harness.mesh import Mesh
from harness.namespaces import ip, wait_for

FOUND_WITHIN = 40  # beacons come up to 15 s apart, and an address is not used before 1-2 s


class Network(Mesh):
    """A bridge in a namespace of its own, and nodes with interfaces on it."""

    def __init__(self, name):
        super().__init__(name)
        self.plugs = 0
        self.hub = self.namespace('hub')
        self.bridge('lan')

    def bridge(self, name):
        ip('-n', self.hub.name, 'link', 'add', name, 'type', 'bridge', 'mcast_snooping', '0')
        ip('-n', self.hub.name, 'link', 'set', name, 'up')

    def plug(self, node, device='eth0', bridge='lan'):
        """Gives the node a network interface; the end in the hub is returned."""
        self.plugs += 1
        port = 'port%d' % self.plugs
        ip('link', 'add', port, 'netns', self.hub.name, 'type', 'veth', 'peer', 'name', device, 'netns', node.namespace.name)
        ip('-n', self.hub.name, 'link', 'set', port, 'master', bridge, 'up')
        ip('-n', node.namespace.name, 'link', 'set', device, 'up')
        return port

    def join(self, kind, *entries, devices=('eth0',), **config):
        """A node on the bridge, running; `entries`: of MulticastInterfaces."""
        node = self.add(kind)
        node.config.update({'IfName': 'none', 'MulticastInterfaces': list(entries)}, **config)
        for device in devices:
            self.plug(node, device)
        node.start()
        node.wait_ready()
        return node


def entry(regex='.*', beacon=True, listen=True, **rest):
    return dict({'Regex': regex, 'Beacon': beacon, 'Listen': listen}, **rest)


def links(node, other):
    """Entries of getPeers of links that are up to `other`."""
    return [p for p in node.peers_up() if p['key'] == other.key]


def wait_linked(a, b, seconds=FOUND_WITHIN):
    wait_for(lambda: links(a, b) and links(b, a), seconds,
             lambda: '%s and %s link; log of the first:\n%s' % (a, b, a.log()[-1500:]))


def interfaces(node):
    return node.admin('getmulticastinterfaces')['multicast_interfaces']


def link_local(node, device='eth0'):
    """The interface's link-local addresses that can be used."""
    shown = ip('-n', node.namespace.name, '-6', 'addr', 'show', 'dev', device, 'scope', 'link', '-tentative')
    return re.findall(r'inet6 (fe80:[0-9a-f:]+)/', shown)


def set_device(node, *change, device='eth0'):
    ip('-n', node.namespace.name, 'link', 'set', device, *change)


class Discovery(unittest.TestCase):
    def network(self):
        self.mesh = Network(self.id())
        self.addCleanup(self.mesh.close)
        return self.mesh

    def check_found(self, finder, found, priority=0):
        """`found` was only heard of by its beacons: the finder has dialled."""
        wait_linked(finder, found)
        ours, theirs = links(finder, found)[0], links(found, finder)[0]
        self.assertFalse(ours['inbound'])
        self.assertTrue(theirs['inbound'])
        self.assertEqual(ours['priority'], priority)
        shown = interfaces(found)[0]
        host, port = re.fullmatch(r'\[(fe80:[0-9a-f:]+)%eth0\]:(\d+)', shown['address']).groups()
        self.assertEqual(host, link_local(found)[0])
        self.assertEqual(ours['remote'], 'tls://[%s%%25eth0]:%s' % (host, port))
        self.assertEqual(interfaces(finder)[0], {'name': 'eth0', 'address': '-', 'beacon': False, 'listen': True,
                                                 'password': shown['password']})

    def test_ours_finds_stock(self):
        net = self.network()
        stock = net.join('stock', entry(listen=False))
        ours = net.join('ours', entry(beacon=False))
        self.check_found(ours, stock)
        self.assertEqual(ours.bad_log_lines(), [])

    def test_stock_finds_ours(self):
        net = self.network()
        ours = net.join('ours', entry(listen=False, Port=9876))
        stock = net.join('stock', entry(beacon=False))
        self.check_found(stock, ours)
        self.assertTrue(interfaces(ours)[0]['address'].endswith('%eth0]:9876'))
        self.assertEqual(ours.bad_log_lines(), [])

    def test_by_default_everybody_finds_everybody(self):
        """Without MulticastInterfaces; one node cannot link with itself, and each pair has few links."""
        net = self.network()
        nodes = [net.add(kind) for kind in ('ours', 'ours', 'stock')]
        for node in nodes:
            del node.config['MulticastInterfaces']
            node.config['IfName'] = 'none'
            net.plug(node)
        net.start()
        for a, b in ((0, 1), (0, 2), (1, 2)):
            wait_linked(nodes[a], nodes[b])
        net.wait_agreed(20)
        for node in nodes:
            self.assertEqual(links(node, node), [])
            self.assertEqual([i['name'] for i in interfaces(node)], ['eth0'])
        self.assertLessEqual(len(links(nodes[0], nodes[1])), 2)
        for ours in nodes[:2]:
            self.assertNotIn('ourselves', ours.log())
            self.assertEqual(ours.bad_log_lines(), [])

    def test_passwords(self):
        net = self.network()
        stock = net.join('stock', entry(Password='right'))
        good = net.join('ours', entry(Password='right'))
        bad = net.join('ours', entry(Password='wrong'))
        none = net.join('ours', entry())
        wait_linked(good, stock)
        wait_for(lambda: interfaces(bad) and interfaces(none), 10, 'everybody takes part')
        self.assertTrue(interfaces(good)[0]['password'])
        self.assertFalse(interfaces(none)[0]['password'])
        # A beacon of everybody has passed by the time a second pair of right ones has met.
        late = net.join('stock', entry(Password='right'))
        wait_linked(good, late)
        for node in (bad, none):
            self.assertEqual(node.peers_up(), [])
            self.assertEqual(links(stock, node) + links(late, node) + links(good, node), [])

    def test_the_larger_priority_counts(self):
        net = self.network()
        stock = net.join('stock', entry(listen=False, Priority=2))
        ours = net.join('ours', entry(beacon=False, Priority=7))
        self.check_found(ours, stock, priority=7)
        self.assertEqual(links(stock, ours)[0]['priority'], 7)

    def test_the_first_matching_entry_counts(self):
        net = self.network()
        net.bridge('other')
        ours = net.join('ours', entry('^lan', Password='x'), entry('^no', beacon=False, listen=False), entry('.*'),
                        devices=('lan0', 'no0'))
        net.plug(ours, 'wan0', 'other')
        same = net.join('stock', entry(Password='x'))
        far = net.add('stock')
        far.config.update({'IfName': 'none', 'MulticastInterfaces': [entry()]})
        net.plug(far, 'eth0', 'other')
        net.start([far])
        wait_linked(ours, same)
        wait_linked(ours, far)
        self.assertEqual({i['name']: i['password'] for i in interfaces(ours)}, {'lan0': True, 'wan0': False})
        self.assertEqual({re.search(r'%25(\w+)', p['remote'])[1] for p in links(ours, same)}, {'lan0'})
        self.assertEqual({re.search(r'%25(\w+)', p['remote'])[1] for p in links(ours, far)}, {'wan0'})

    def test_allowed_keys_are_not_asked_for(self):
        net = self.network()
        ours = net.join('ours', entry(listen=False), AllowedPublicKeys=['00' * 32])
        stock = net.join('stock', entry(beacon=False))
        self.check_found(stock, ours)

    def test_interface_down_and_up(self):
        net = self.network()
        stock, ours = net.join('stock', entry()), net.join('ours', entry())
        wait_linked(ours, stock)
        set_device(ours, 'down')
        wait_for(lambda: not ours.peers_up() and not interfaces(ours), 5, 'ours drops the links')
        set_device(ours, 'up')
        wait_linked(ours, stock)
        self.assertEqual(len(interfaces(ours)), 1)

    def test_without_a_carrier_links_live_on(self):
        """A cable that is out for a moment costs no link."""
        net = self.network()
        stock = net.join('stock', entry(listen=False))
        ours = net.add('ours')
        ours.config.update({'IfName': 'none', 'MulticastInterfaces': [entry(beacon=False)]})
        port = net.plug(ours)
        net.start([ours])
        wait_linked(ours, stock)
        ip('-n', net.hub.name, 'link', 'set', port, 'down')
        wait_for(lambda: not interfaces(ours), 5, 'ours sees that the carrier is gone')
        self.assertEqual(len(links(ours, stock)), 1)
        ip('-n', net.hub.name, 'link', 'set', port, 'up')
        wait_for(lambda: interfaces(ours), 10, 'ours sees that it is back')
        wait_linked(ours, stock)

    def test_address_change(self):
        net = self.network()
        stock, ours = net.join('stock', entry(listen=True)), net.join('ours', entry())
        wait_linked(ours, stock)
        old = link_local(ours)[0]
        name = ours.namespace.name
        ip('-n', name, 'addr', 'add', 'fe80::1234/64', 'dev', 'eth0', 'nodad')
        ip('-n', name, 'addr', 'del', old + '/64', 'dev', 'eth0')
        wait_for(lambda: [i for i in interfaces(ours) if '[fe80::1234%eth0]' in i['address']], 5, 'the new address is used')
        wait_linked(ours, stock)
        wait_for(lambda: [p for p in links(stock, ours) if 'fe80::1234%25' in p['remote']], FOUND_WITHIN,
                 'stock knows the new address')
        self.assertFalse([p for p in links(ours, stock) if old in p['remote']])

    def test_interfaces_come_go_and_are_renamed(self):
        net = self.network()
        stock = net.join('stock', entry())
        ours = net.join('ours', entry('^eth'), devices=())
        self.assertEqual(interfaces(ours), [])
        port = net.plug(ours)
        wait_linked(ours, stock)
        ip('-n', net.hub.name, 'link', 'del', port)
        wait_for(lambda: not ours.peers_up() and not interfaces(ours), 5, 'ours drops the links')
        net.plug(ours, 'other0')
        wait_for(lambda: link_local(ours, 'other0'), 10, 'the new interface has an address')
        self.assertEqual(interfaces(ours), [])
        set_device(ours, 'down', device='other0')
        set_device(ours, 'name', 'eth7', device='other0')
        set_device(ours, 'up', device='eth7')
        wait_linked(ours, stock)
        self.assertEqual([i['name'] for i in interfaces(ours)], ['eth7'])
        self.assertEqual(ours.bad_log_lines(), [])

    def test_many_changes_at_once(self):
        """More news than fit the socket: what is there in the end is what counts."""
        net = self.network()
        stock = net.join('stock', entry())
        ours = net.join('ours', entry())
        wait_linked(ours, stock)
        batch = []
        for i in range(60):
            batch += ['link add d%d type veth peer name e%d' % (i, i), 'link set d%d up' % i, 'link set e%d up' % i]
        batch += ['link del d%d' % i for i in range(60) if i != 59]
        file = os.path.join(net.folder, 'batch')
        with open(file, 'w') as f:
            f.write('\n'.join(batch) + '\n')
        # While it is stopped nothing is read, and the kernel throws most of it away.
        ours.process.send_signal(signal.SIGSTOP)
        ip('-n', ours.namespace.name, '-batch', file)
        ours.process.send_signal(signal.SIGCONT)
        wait_for(lambda: {i['name'] for i in interfaces(ours)} == {'eth0', 'd59', 'e59'}, 20,
                 lambda: 'three interfaces are left: %s' % interfaces(ours))
        wait_linked(ours, stock)

    def test_two_nodes_on_one_machine(self):
        """They share the group's port, with each other and with a stock node."""
        net = self.network()
        far = net.join('stock', entry())
        first = net.join('ours', entry())
        second, stock = net.add('ours'), net.add('stock')
        for node in (second, stock):
            node.namespace = first.namespace
            node.config.update({'IfName': 'none', 'MulticastInterfaces': [entry()]})
        net.start([second, stock])
        for node in (first, second, stock):
            wait_linked(node, far)
        for a, b in ((first, second), (first, stock), (second, stock)):
            wait_linked(a, b)
        self.assertEqual(first.bad_log_lines() + second.bad_log_lines(), [])

    def test_a_flood_of_forged_beacons(self):
        """Every beacon with another key and a port where nobody listens: CPU, descriptors and peers stay few."""
        net = self.network()
        ours = net.join('ours', entry())
        attacker = net.add('ours')
        net.plug(attacker)
        wait_for(lambda: link_local(attacker), 10, 'the attacker has an address')
        begin = ours.cpu_seconds()
        flood = attacker.namespace.spawn('/usr/bin/python3', '-c', FLOOD)
        try:
            wait_for(lambda: 'no link to tls://[fe80' in ours.log(), 15, 'ours dials forged beacons')
            wait_for(lambda: flood.poll() is not None, 30, 'the flood ends')
            spent = ours.cpu_seconds() - begin
            self.assertLess(len(ours.admin('getpeers')['peers']), 17)
            self.assertLess(len(ours.log().splitlines()), 40, ours.log())
            stock = net.join('stock', entry())
            wait_linked(ours, stock)
            self.report = '%.2f s of CPU under 5 s of flood' % spent
        finally:
            flood.kill()


FLOOD = '''
import hashlib, os, socket, struct, time
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
to = ('ff02::114', 9001, 0, socket.if_nametoindex('eth0'))
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, to[3])
end = time.monotonic() + 5
while time.monotonic() < end:
    key = os.urandom(32)
    s.sendto(struct.pack('>HH', 0, 5) + key + struct.pack('>HH', 7, 64) + hashlib.blake2b(key).digest(), to)
'''
