"""Two nodes, one of each kind: every way to link them, and every way to be refused."""
import re
import time
import unittest

from harness.mesh import Mesh
from harness.namespaces import wait_for

KINDS = {'ours': ('ours', 'stock'), 'stock': ('stock', 'ours')}


def pair(mesh, dialler, scheme='tcp', **kwargs):
    """(ours, stock), wired so that the kind `dialler` dials the other."""
    first, second = KINDS[dialler]
    a, b = mesh.add(first), mesh.add(second)
    mesh.link(a, b, scheme, **kwargs)
    mesh.start([b, a])
    return (a, b) if first == 'ours' else (b, a)


class Pair(unittest.TestCase):
    """Each dials, over tcp and tls, with and without a password."""

    def check(self, dialler, scheme, query, ipv6=False):
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            ours, stock = pair(mesh, dialler, scheme, query=query, ipv6=ipv6)
            mesh.wait_agreed(20)
            for node, other in ((ours, stock), (stock, ours)):
                up = node.peers_up()
                self.assertEqual([p['key'] for p in up], [other.key], node)
                self.assertEqual(up[0]['inbound'], (node is ours) != (dialler == 'ours'), node)
                self.assertTrue(up[0]['remote'].startswith(scheme + '://'), up[0]['remote'])
            mesh.warm_up([(ours, stock), (stock, ours)], 20)
            self.assertEqual(mesh.ping_pairs([(ours, stock), (stock, ours)], count=5), [])
            self.assertEqual(ours.bad_log_lines(), [])


def _add_pairs():
    for scheme in ('tcp', 'tls'):
        for dialler in ('ours', 'stock'):
            for word, query in (('no_password', ''), ('password', 'password=open%20sesame')):
                def test(self, scheme=scheme, dialler=dialler, query=query):
                    self.check(dialler, scheme, query)
                setattr(Pair, 'test_%s_%s_dials_%s' % (scheme, dialler, word), test)
        for dialler in ('ours', 'stock'):
            def test(self, scheme=scheme, dialler=dialler):
                self.check(dialler, scheme, '', ipv6=True)
            setattr(Pair, 'test_%s_%s_dials_over_ipv6' % (scheme, dialler), test)


_add_pairs()


class Refused(unittest.TestCase):
    """No link comes up, and our log says why."""

    def check(self, dialler, scheme, why, prepare=None, **queries):
        with Mesh(self.id()) as mesh:
            self.mesh = mesh
            first, second = KINDS[dialler]
            a, b = mesh.add(first), mesh.add(second)
            if prepare:
                queries = prepare(mesh, a, b) or queries
            mesh.link(a, b, scheme, **queries)
            mesh.start([b, a])
            ours = a if first == 'ours' else b
            wait_for(lambda: re.search(why, ours.log(), re.I), 10,
                     lambda: 'our log says "%s"; it says:\n%s' % (why, ours.log()))
            for _ in range(10):  # the stock side may think for a moment that it is linked
                self.assertEqual(ours.peers_up(), [])
                time.sleep(0.1)
            self.assertTrue(ours.running())

    def allow_only_a_stranger(self, mesh, a, b):
        b.config['AllowedPublicKeys'] = ['ab' * 32]

    def pin(self, key):
        return {'query': 'key=' + key, 'listener_query': ''}


def _add_refusals():
    for scheme in ('tcp', 'tls'):
        for dialler in ('ours', 'stock'):
            def test(self, scheme=scheme, dialler=dialler):
                self.check(dialler, scheme, 'password', query='password=right', listener_query='password=wrong')
            setattr(Refused, 'test_wrong_password_%s_%s_dials' % (scheme, dialler), test)


_add_refusals()


class Allowed(Refused):
    """Pinned keys and AllowedPublicKeys."""

    def test_we_refuse_a_key_that_is_not_allowed(self):
        self.check('stock', 'tcp', r'not allowed|AllowedPublicKeys', self.allow_only_a_stranger)

    def test_we_refuse_a_key_that_is_not_pinned(self):
        self.check('ours', 'tcp', r'\bpin', **self.pin('ab' * 32))

    def test_allowed_and_pinned_keys_are_let_in(self):
        for dialler in ('ours', 'stock'):
            with Mesh(self.id()) as mesh:
                self.mesh = mesh
                a, b = (mesh.add(kind) for kind in KINDS[dialler])
                b.config['AllowedPublicKeys'] = [a.key]
                mesh.link(a, b, 'tls', **self.pin(b.key))
                mesh.start([b, a])
                mesh.wait_agreed(20)


# The refusals above are not to run twice by inheritance.
for _name in [n for n in dir(Refused) if n.startswith('test_')]:
    setattr(Allowed, _name, None)


class FirstStart(unittest.TestCase):
    """Ten starts each: the time from the dialler's start to the first answered ping."""

    LIMIT = 10

    def check(self, kinds, starts=10, both_ways=False):
        times = []
        for i in range(starts):
            with Mesh(self.id(), seed=100 + i) as mesh:
                self.mesh = mesh
                a, b = mesh.add(kinds[0], rank=0x10 + 5 * (i % 2)), mesh.add(kinds[1], rank=0x12)
                mesh.link(a, b)
                mesh.start([b])
                a.start()
                source, target = (b, a) if both_ways and i % 4 > 1 else (a, b)
                source.first_answer(target, 60)
                times.append(time.monotonic() - a.started)
        self.report = ' '.join('%.2f' % t for t in times) + ' s'
        self.assertLessEqual(max(times), self.LIMIT, self.report)

    def test_ours_ours(self):
        self.check(('ours', 'ours'))

    def test_ours_stock_either_side_pings(self):
        self.check(('ours', 'stock'), both_ways=True)
