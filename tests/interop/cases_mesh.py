"""Many nodes, half ours: everybody reaches everybody, also after some were killed."""
import time
import unittest

from harness.mesh import Mesh, all_pairs, split_pairs


def random_mesh(mesh, count, extra_links):
    """A random tree of `count` nodes, alternately ours and stock, and some more links; ranks are shuffled."""
    ranks = list(range(0x10, 0x10 + count))
    mesh.random.shuffle(ranks)
    for i in range(count):
        mesh.add('ours' if i % 2 == 0 else 'stock', rank=ranks[i])
    links = {(i, mesh.random.randrange(i)) for i in range(1, count)}
    while len(links) < count - 1 + extra_links:
        a, b = sorted(mesh.random.sample(range(count), 2), reverse=True)
        links.add((a, b))
    for a, b in sorted(links):
        mesh.link(mesh.nodes[a], mesh.nodes[b], mesh.random.choice(('tcp', 'tls')))


class RandomMesh(unittest.TestCase):
    SEED = 20

    def test_twelve_nodes_all_pairs(self):
        with Mesh(self.id(), seed=self.SEED) as mesh:
            self.mesh = mesh
            random_mesh(mesh, 12, 8)
            mesh.start()
            agreed = mesh.wait_agreed(60, stable=3)
            pairs = all_pairs(mesh.nodes)
            self.assertEqual(len(pairs), 132)
            with_ours, only_stock = split_pairs(pairs)
            slowest = mesh.warm_up(with_ours, 30)
            mesh.warm_up(only_stock, 150)
            self.report = 'agreed after %.1f s, slowest first answer with us %.1f s' % (agreed, slowest)
            self.assertEqual(mesh.ping_pairs(with_ours, count=3), [])
            mesh.wait_lossless(only_stock, 60)
            for node in mesh.nodes:
                if node.kind == 'thicket':
                    self.assertEqual(node.bad_log_lines(), [], node)


class Heal(unittest.TestCase):
    """A ring of six, alternately ours and stock; one is killed, then started again."""

    def ring(self, mesh, root_kind):
        self.mesh = mesh
        kinds = ('ours', 'stock') * 3
        root = kinds.index(root_kind)
        for i, kind in enumerate(kinds):
            mesh.add(kind, rank=0x05 if i == root else 0x10 + i)
        for i in range(6):
            mesh.link(mesh.nodes[i], mesh.nodes[i - 1])
        mesh.start()
        mesh.wait_agreed(40, stable=2)
        mesh.warm_up(all_pairs(mesh.nodes), 90)
        return mesh.nodes[root]

    def reach(self, mesh, nodes, what):
        """Everybody reaches everybody again; a pair of stock nodes is given the time it may need."""
        with_ours, only_stock = split_pairs(all_pairs(nodes))
        begin = time.monotonic()
        agreed = mesh.wait_agreed(40, nodes)
        mesh.warm_up(with_ours, 60)
        healed = time.monotonic() - begin
        mesh.warm_up(only_stock, 150)
        rounds = mesh.wait_lossless(with_ours + only_stock, 60)
        return '%s: agreed after %.1f s, pairs with us after %.1f s, lossless in round %d' % (
            what, agreed, healed, rounds)

    def check(self, root_kind, victim_kind, kill_root):
        with Mesh(self.id(), seed=31) as mesh:
            root = self.ring(mesh, root_kind)
            victim = root if kill_root else next(n for n in reversed(mesh.nodes)
                                                 if n is not root and n.label[0] == victim_kind[0])
            others = [n for n in mesh.nodes if n is not victim]
            victim.kill()
            report = self.reach(mesh, others, 'without')
            victim.start()
            victim.wait_ready()
            self.report = report + '; ' + self.reach(mesh, mesh.nodes, 'with it again')
            for node in mesh.nodes:
                self.assertTrue(node.running(), node)

    def test_our_node_dies(self):
        self.check('stock', 'ours', False)

    def test_stock_node_dies(self):
        self.check('ours', 'stock', False)

    def test_our_root_dies(self):
        self.check('ours', 'ours', True)

    def test_stock_root_dies(self):
        self.check('stock', 'stock', True)
