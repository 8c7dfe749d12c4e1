"""Public peers: suggested by measuring, and chosen and kept by a node itself (AutoPeers)."""
import json
import os
import subprocess
import time
import unittest

from cases_metrics import PORT as METRICS_PORT, metrics, one
from cases_reload import link_to, rewrite
from harness import relay
from harness.mesh import Mesh
from harness.namespaces import wait_for
from harness.nodes import PORT, THICKET, ThicketNode, ours

RELAY = os.path.abspath(relay.__file__)
DEAD = ('tcp://10.200.0.1:1', 'tls://[fd00:dead::1]:1', 'quic://10.200.0.2:1')


def delay(other, scheme, milliseconds):
    """Has a node listen behind a relay: whatever goes through takes so much longer, each way."""
    other.config['Listen'] = ['%s://127.0.0.1:%d' % (scheme, PORT + 1)]
    folder = os.path.join(other.folder, other.label + '-relay')
    os.mkdir(folder)
    with open(os.path.join(folder, 'relay.json'), 'w') as f:
        json.dump([{'port': PORT, 'to': ['127.0.0.1', PORT + 1], 'latency_ms': milliseconds}], f)
    other.namespace.spawn('python3', RELAY, folder)
    wait_for(lambda: os.path.exists(os.path.join(folder, 'relay.ready')), 10, 'the relay is ready')


@unittest.skipIf(ours() is not ThicketNode, 'about our daemon only')
class AutoPeers(unittest.TestCase):

    def hub(self, mesh, kinds, delays):
        """A node of ours wired to listeners of `kinds`, which answer late by `delays`; returns it, them, and URIs."""
        self.mesh = mesh
        hub = mesh.add('ours', 'hub')
        others, uris = [], []
        for number, (kind, milliseconds) in enumerate(zip(kinds, delays)):
            other = mesh.add(kind, 'p%d' % number)
            _, (address, _) = mesh.wire(hub.namespace, other.namespace)
            scheme = 'tls' if number % 2 else 'tcp'
            uris.append('%s://%s:%d' % (scheme, address, PORT))
            other.config['Listen'] = [uris[-1]]
            if milliseconds:
                delay(other, scheme, milliseconds)
            others.append(other)
        return hub, others, uris

    def write_list(self, hub, uris, name='peers.md'):
        path = os.path.join(self.mesh.folder, name)
        with open(path, 'w') as f:
            f.write('# Testland\n\n' + ''.join('* `%s`\n' % uri for uri in uris))
        return path

    def auto(self, hub):
        return hub.admin('getautopeers')

    def up(self, hub):
        return sorted(p['uri'] for p in self.auto(hub)['peers'] if p['state'] == 'up')

    def test_suggest_ranks_and_leaves_out_the_dead(self):
        with Mesh(self.id()) as mesh:
            hub, others, uris = self.hub(mesh, ('ours', 'stock', 'ours', 'stock'), (200, 0, 400, 30))
            mesh.start(others)
            path = self.write_list(hub, list(DEAD) + uris)
            suggest = (THICKET, 'peers', 'suggest', path, '--timeout', '1')
            done = hub.namespace.run(*suggest, '-n', '3', '--json')
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            answer = json.loads(done.stdout)
            self.assertEqual(answer['suggested'], [uris[1], uris[3], uris[0]], done.stdout)
            self.assertEqual((answer['listed'], answer['answered']), (6, 4))
            best = answer['peers'][0]
            self.assertEqual((best['key'], best['tries'], best['failed']), (others[1].key, 4, 0))
            self.assertGreater(answer['peers'][2]['handshake'], 0.2)
            self.assertEqual({p['uri'] for p in answer['peers'] if 'reason' in p}, set(DEAD[:2]))
            shown = hub.namespace.run(*suggest, '-n', '2')
            self.assertEqual(shown.returncode, 0, shown.stdout + shown.stderr)
            self.assertIn('  Peers: [\n    "%s"\n    "%s"\n  ]\n' % (uris[1], uris[3]), shown.stdout)
            self.assertIn('4 of 6 peers answered', shown.stdout)
            self.report = 'best of 4 in %.0f ms' % (1000 * best['handshake'])

    def test_suggest_says_what_is_wrong(self):
        with Mesh(self.id()) as mesh:
            hub, _, _ = self.hub(mesh, (), ())
            path = self.write_list(hub, DEAD)
            none = hub.namespace.run(THICKET, 'peers', 'suggest', path, '--timeout', '0.3')
            self.assertEqual(none.returncode, 4, none.stdout + none.stderr)
            self.assertIn('None of 2 peers answered', none.stdout)
            url = hub.namespace.run(THICKET, 'peers', 'suggest', 'https://example.net/publicnodes.json')
            self.assertEqual(url.returncode, 1, url.stderr)
            self.assertIn('curl -fo', url.stderr)
            self.assertEqual(hub.namespace.run(THICKET, 'peers', 'suggest').returncode, 2)
            self.assertEqual(hub.namespace.run(THICKET, 'peers', 'sugest', path).returncode, 2)
            listed = subprocess.run((THICKET, 'peers', 'suggest', '-', '--timeout', '0.3'), input='nothing\n', text=True,
                                    capture_output=True, timeout=30)
            self.assertEqual(listed.returncode, 1)
            self.assertIn('no peer in it', listed.stderr)

    def test_a_dead_peer_is_replaced_and_the_others_stay(self):
        with Mesh(self.id()) as mesh:
            hub, others, uris = self.hub(mesh, ('ours', 'stock', 'ours', 'ours', 'ours'), (0, 0, 40, 40, 0))
            own = others.pop()
            hub.config['Peers'] = [uris.pop()]
            path = self.write_list(hub, list(DEAD) + uris)
            hub.config['AutoPeers'] = {'File': path, 'Count': 2, 'ReplaceAfter': 10}
            hub.config['MetricsListen'] = 'localhost:%d' % METRICS_PORT
            mesh.start(others + [own, hub])
            chosen = wait_for(lambda: len(self.up(hub)) == 2 and self.up(hub), 30, lambda: self.auto(hub))
            self.assertEqual(len(hub.peers_up()), 3)
            marked = sorted(p['remote'] for p in hub.admin('getpeers')['peers'] if p.get('auto'))
            self.assertEqual(marked, chosen)
            shown = hub.namespace.run(THICKET, 'peers', '--config', hub.config_file).stdout
            self.assertEqual(shown.count('up, auto'), 2, shown)

            lost = others[uris.index(chosen[0])]
            kept = others[uris.index(chosen[1])]
            begin, before = time.monotonic(), link_to(hub, kept)
            lost.kill()
            wait_for(lambda: len(self.up(hub)) == 2 and chosen[0] not in self.up(hub), 60, lambda: self.auto(hub))
            took = time.monotonic() - begin
            self.assertGreater(took, 9)
            self.assertIn(chosen[1], self.up(hub))
            for node in (kept, own):
                self.assertGreater(link_to(hub, node)['uptime'], took, 'the link has never ended')
            self.assertGreater(link_to(hub, kept)['uptime'], before['uptime'])
            self.assertEqual(self.auto(hub)['replacements'], 1)
            found = metrics(hub)
            for name, value in (('candidates', 6), ('wanted', 2), ('up', 2), ('replaced_total', 1)):
                self.assertEqual(one(found, 'thicket_auto_peers_' + name), value, name)
            self.assertGreaterEqual(one(found, 'thicket_auto_peers_probes_total', result='answered'), 4)
            self.assertRegex(hub.log(), r'auto peer %s removed: .* is up and takes its place' % chosen[0])
            self.report = 'replaced %.0f s after it was killed' % took

    def test_a_reload_changes_how_many(self):
        with Mesh(self.id()) as mesh:
            hub, others, uris = self.hub(mesh, ('ours', 'stock', 'ours', 'ours'), (0, 0, 0, 0))
            path = self.write_list(hub, uris[:3])
            hub.config['AutoPeers'] = {'File': os.path.basename(path), 'Count': 1}
            mesh.start(others + [hub])
            first, = wait_for(lambda: self.up(hub), 20, lambda: self.auto(hub))
            self.reload(hub, AutoPeers={'File': path, 'Count': 3})
            wait_for(lambda: len(self.up(hub)) == 3, 20, lambda: self.auto(hub))
            self.assertIn(first, self.up(hub))
            # The list itself may change when the configuration does not.
            self.write_list(hub, uris[1:])
            self.reload(hub)
            wait_for(lambda: self.up(hub) == sorted(uris[1:]), 20, lambda: self.auto(hub))
            # One that is named is the configuration's, and stays when nothing is chosen any more.
            self.reload(hub, Peers=[uris[1]])
            before = link_to(hub, others[1])
            self.reload(hub, AutoPeers=None)
            wait_for(lambda: len(hub.peers_up()) == 1, 10, 'the others are let go')
            self.assertGreater(link_to(hub, others[1])['uptime'], before['uptime'])
            self.assertEqual((self.auto(hub)['enabled'], self.auto(hub)['peers']), (False, []))
            self.reload(hub, 1, AutoPeers={'File': '/nowhere/peers.md'})
            self.assertFalse(self.auto(hub)['enabled'])

    def reload(self, hub, status=0, **changes):
        rewrite(hub, **changes)
        done = hub.namespace.run(THICKET, 'reload', '--config', hub.config_file)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
