"""`thicket lookup`: a lookup by hand, from the command line through the daemon to another node."""
import json
import unittest

from harness.mesh import Mesh
from harness.namespaces import wait_for
from harness.nodes import THICKET


def lookup(node, target, *options):
    """Runs the command as the node's operator would; returns (status, output, errors)."""
    done = node.namespace.run(THICKET, 'lookup', '--config', node.config_file, *options, target, timeout=20)
    return done.returncode, done.stdout, done.stderr


class Lookup(unittest.TestCase):
    def line(self, mesh, kinds):
        self.mesh = mesh
        mesh.line(kinds)
        mesh.start()
        mesh.wait_agreed(30, stable=1)
        return mesh.nodes

    def find(self, node, target):
        """The answer once the node is found: filters and records take a while to spread."""
        answers = []

        def found():
            status, output, errors = lookup(node, target, '--json')
            self.assertIn(status, (0, 4), errors)
            answers.append(json.loads(output))
            return status == 0
        wait_for(found, 30, lambda: '%s finds %s; last answer: %s' % (node, target, answers[-1:]))
        return answers[-1]

    def check_found(self, answer, other):
        self.assertTrue(answer['found'])
        self.assertEqual(answer['key'], other.key)
        self.assertEqual(answer['address'], other.address)
        self.assertLess(answer['age'], 1800)
        self.assertIn(answer['way'], ('dht', 'bloom'))
        way = answer['dht'] if answer['way'] == 'dht' else answer['bloom']
        self.assertLess(way['time'], 5e9)
        asked = [step['key'] for step in answer['steps']]
        self.assertEqual(len(asked), len(set(asked)))
        if answer['way'] == 'dht':
            self.assertEqual(answer['dht'].get('held', answer['dht'].get('record'))['key'], other.key)
        else:
            self.assertTrue(answer['bloom']['answered'])

    def check_text(self, node, other):
        status, text, errors = lookup(node, other.address)
        self.assertEqual((status, errors), (0, ''), text)
        self.assertLessEqual(max(map(len, text.splitlines())), 80, text)
        for part in ('Looking for ' + other.address, 'DHT: ', 'Bloom filters: ', other.key):
            self.assertIn(part, text)

    def test_four_of_ours(self):
        with Mesh(self.id()) as mesh:
            first, *_, last = nodes = self.line(mesh, ('ours',) * 4)
            answers = []

            def found_by_dht():
                answers.append(self.find(first, last.address))
                self.check_found(answers[-1], last)
                return answers[-1]['dht']['result'] == 'found'
            wait_for(found_by_dht, 20, 'the DHT has heard of the last node')
            answer = answers[-1]
            self.report = 'found by %s; DHT: %s after %d steps, %.1f ms; filters: %.1f ms' % (
                answer['way'], answer['dht']['result'], max(0, len(answer['steps']) - 1), answer['dht']['time'] / 1e6,
                answer['bloom'].get('time', 0) / 1e6)
            self.check_found(self.find(first, last.key), last)
            # Once packets have gone there, the path is known.
            first.first_answer(last, 20)
            self.assertEqual(self.find(first, last.key)['way'], 'known')
            self.check_text(first, last)
            self.assertEqual(self.find(first, first.address)['way'], 'own')
            for node in nodes:
                self.assertEqual(node.bad_log_lines(), [])

    def test_a_stock_node_is_found_too(self):
        with Mesh(self.id()) as mesh:
            first, _, last = self.line(mesh, ('ours', 'ours', 'stock'))
            answer = self.find(first, last.address)
            self.check_found(answer, last)
            self.check_text(first, last)

    def test_who_is_not_there_is_not_found(self):
        with Mesh(self.id()) as mesh:
            first, _ = self.line(mesh, ('ours', 'ours'))
            status, text, errors = lookup(first, '20f:1234:5678:9abc:def0:1234:5678:9abc')
            self.assertEqual((status, errors), (4, ''), text)
            self.assertIn('Not found.', text)

    def test_without_a_daemon_it_says_what_to_do(self):
        with Mesh(self.id()) as mesh:
            first, second = self.line(mesh, ('ours', 'ours'))
            first.terminate()
            status, text, errors = lookup(first, second.address)
            self.assertEqual((status, text), (1, ''))
            self.assertIn(first.socket, errors)
            self.assertIn('thicket run', errors)
