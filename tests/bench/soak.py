#!/usr/bin/python3
"""Runs a mesh of our daemons under churn, traffic and questions, and says whether they hold on to what they need and no more.

A third of the nodes are killed (-9) and restarted; links are cut; peers come and go over the administration socket and by reloads;
pings, datagrams and every request go to random nodes. The nodes that are never killed are judged:

- memory, anonymous pages only: after the warm-up, the median of the last third of the load against that of the first third, which
  saw the same load. A leak grows for as long as there is load; tables have limits, and what is in them expires. A node may grow by
  10 % or 768 kB: what its tables happen to hold, and steps of the allocator. The median node may grow by 3 % or 192 kB, since
  noise does not move all in one direction. In ten minutes that catches what all nodes leak from 0.7 kB per second on; what is
  smaller takes a longer run (--minutes 60: from 0.1 kB per second on).
- descriptors and threads: once the load has ended and the links are back, as many as before the load, exactly.
- no node ends by itself, no answer stays away, no log line tells of an error, and in the end every pair asked answers pings.

Exit status: 0 if all hold, 1 otherwise.
"""
import argparse
import collections
import json
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '../interop'), HERE]

import soak_load as load  # noqa: E402
import soak_samples as usage  # noqa: E402
from harness import namespaces, nodes  # noqa: E402
from harness.mesh import Mesh  # noqa: E402

SAMPLE_SECONDS = 2.0
SETTLE_SECONDS = 90.0


def device_of(mesh):
    """The name of the veth pair that was made last."""
    return 'w%d' % mesh.wires


class Soak:
    """One mesh, its load and what is seen of it."""

    def __init__(self, mesh, options):
        self.mesh, self.options = mesh, options
        for i in range(options.nodes):
            stock = i >= options.nodes - options.stock
            node = mesh.add('stock' if stock else 'ours', 'n%d' % i, rank=0x05 if i == options.nodes // 2 else 0x10 + i)
            if not stock:
                node.config['MetricsListen'] = '127.0.0.1:%d' % load.METRICS_PORT
        self.ours = [n for n in mesh.nodes if n.kind == 'thicket']
        mortal = [n for i, n in enumerate(self.ours) if i % 3 == 0 and n is not min(mesh.nodes, key=lambda n: n.key)]
        self.lasting = [n for n in self.ours if n not in mortal]
        self._connect(mortal)

    def _connect(self, mortal):
        """A random tree with as many links again; besides, wires that nobody dials over yet."""
        mesh, count = self.mesh, len(self.mesh.nodes)
        pairs = {(i, mesh.random.randrange(i)) for i in range(1, count)}
        while len(pairs) < min(count * 2 - 2, count * (count - 1) // 2):
            pairs.add(tuple(sorted(mesh.random.sample(range(count), 2), reverse=True)))
        self.links, self.spare = [], []
        for a, b in sorted(pairs):
            mesh.link(mesh.nodes[a], mesh.nodes[b])
            self.links.append((mesh.nodes[a], device_of(mesh)))
        for _ in range(count // 2):
            a, b = mesh.random.sample(mesh.nodes, 2)
            if a.kind != 'thicket':
                continue
            uri = mesh.link(a, b)
            a.config['Peers'].remove(uri)
            self.spare.append((a, uri))
        self.outages = load.Outages()
        self.churn = load.Churn(self.links, self.spare, mortal, self.outages, self.options.seed)

    def say(self, text):
        print('  %s' % text, file=sys.stderr, flush=True)

    def run(self):
        """Load from end to end; what it found is in the attributes."""
        mesh, options = self.mesh, self.options
        mesh.start()
        self.say('%d nodes, %d links; agreed after %.1f s' % (len(mesh.nodes), len(self.links), mesh.wait_agreed(120, stable=3)))
        self.pings = load.Pings(mesh.nodes, options.seed + 1)
        self.unreachable = self.pings.unanswered(SETTLE_SECONDS)
        self.before = {n: usage.Sample(n, 0) for n in self.lasting}
        self.bulk = load.Bulk(mesh.nodes, options.seed + 2)
        self.queries = load.Queries(mesh.nodes, self.outages, options.seed + 3, options.rate)
        self.samples = usage.Samples(self.lasting)
        self.workers = (self.pings, self.bulk, self.queries)
        for worker in self.workers:
            worker.start()
        self._load(time.monotonic() + options.minutes * 60)
        self.say('load ends')
        self.churn.finish()
        for worker in self.workers:
            worker.stop()
        self.leftover = self._settle()
        self.unreachable += self.pings.unanswered(SETTLE_SECONDS)

    def _load(self, end):
        next_sample = told = time.monotonic()
        while time.monotonic() < end:
            self.churn.step()
            now = time.monotonic()
            if now >= next_sample:
                next_sample = now + SAMPLE_SECONDS
                self.samples.take()
            if now >= told + 60:
                told = now
                latest = [s[-1].anonymous / usage.MB for s in self.samples.of.values() if s]
                self.say('%.0f s left; memory %s MB' % (end - now, usage.spread(latest)))
            time.sleep(0.1)
        self.samples.take()

    def _settle(self):
        """Waits until descriptors and threads are as before; what is too many in the end is in the result."""
        deadline = time.monotonic() + SETTLE_SECONDS
        while True:
            extra = []
            self.after = {n: usage.Sample(n, 0) for n in self.lasting if n.running()}
            for node, now in self.after.items():
                was = self.before[node]
                if now.descriptors > was.descriptors or now.threads > was.threads:
                    extra.append('%s: %d descriptors and %d threads, before the load %d and %d' % (
                        node, now.descriptors, now.threads, was.descriptors, was.threads))
            if not extra or time.monotonic() > deadline:
                return extra
            time.sleep(0.5)

    def log_errors(self):
        return ['%s: %s' % (n, line) for n in self.ours for line in n.bad_log_lines()]

    def reasons(self):
        """Why this is no success."""
        reasons = usage.memory_verdict(self.samples.growths(self.options.warm_up * 60)) + self.leftover
        reasons += ['%s ended by itself with %s' % (n, n.process.returncode) for n in self.mesh.nodes
                    if n.kind == 'thicket' and not n.running()]
        reasons += ['%s: no answer to pings from %s' % (b, a) for a, b in self.unreachable]
        reasons += ['%s ended: %r' % (type(w).__name__, w.problem) for w in self.workers if w.problem]
        reasons += self.churn.problems
        for what, outcomes in sorted(self.queries.counts.items()):
            reasons += ['%s: %d %s' % (what, outcomes[bad], bad) for bad in ('hung', 'broken') if outcomes[bad]]
        return reasons + self.log_errors()


def rows(soak):
    """(what, value) of everything measured."""
    warm_up = soak.options.warm_up * 60
    ends = (('before the load', list(soak.before.values())), ('end of warm-up', soak.samples.at(warm_up)),
            ('middle of the rest', soak.samples.at((warm_up + soak.options.minutes * 60) / 2)),
            ('end of load', soak.samples.at(soak.options.minutes * 60)), ('settled', list(soak.after.values())))
    for when, samples in ends:
        yield 'resident memory, MB, ' + when, usage.spread(s.rss / usage.MB for s in samples)
    for when, samples in ends:
        yield 'anonymous memory, MB, ' + when, usage.spread((s.anonymous / usage.MB for s in samples), '%.2f')
    growths = soak.samples.growths(warm_up).values()
    yield 'last third against first, kB', usage.spread((g.change for g in growths), '%+.0f')
    yield 'slope, kB per minute', usage.spread((g.slope for g in growths), '%+.1f')
    for when, samples in ends:
        yield 'descriptors, ' + when, usage.spread((s.descriptors for s in samples), '%.0f')
    yield 'threads, settled', usage.spread((s.threads for s in soak.after.values()), '%.0f')
    yield 'processor, %', usage.spread((100 * s for s in soak.samples.processor_share(warm_up)), '%.1f')
    yield 'disturbances', ', '.join('%d %s' % (n, what) for what, n in sorted(soak.churn.counts.items()))
    yield 'pings answered', '%d of %d (%.1f %%)' % (
        soak.pings.received, soak.pings.sent, 100 * soak.pings.received / max(1, soak.pings.sent))
    yield 'bulk delivered', '%.1f of %.1f MB (%.1f %%)' % (
        soak.bulk.received / 1e6, soak.bulk.sent / 1e6, 100 * soak.bulk.received / max(1, soak.bulk.sent))
    outcomes = sum(soak.queries.counts.values(), collections.Counter())
    yield 'queries', '%d of %d kinds: %s' % (
        sum(outcomes.values()), len(soak.queries.counts), ', '.join('%d %s' % (n, o) for o, n in outcomes.most_common()))
    yield 'log lines with errors', str(len(soak.log_errors()))


def as_json(soak, reasons):
    return {
        'rows': dict(rows(soak)), 'reasons': reasons, 'queries': soak.queries.counts,
        'samples': {n.label: [vars(s) for s in samples] for n, samples in soak.samples.of.items()},
    }


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--nodes', type=int, default=24)
    parser.add_argument('--stock', type=int, default=0, help='so many of them stock Yggdrasil; these are not judged')
    parser.add_argument('--minutes', type=float, default=10, help='of load')
    parser.add_argument('--warm-up', type=float, help='minutes of the load that are not judged (default: 3, at most 30 %%)')
    parser.add_argument('--rate', type=float, default=8, help='questions per second, over all nodes (default: 8)')
    parser.add_argument('--seed', type=int, default=1, help='of keys, links, and what happens when')
    parser.add_argument('--json', metavar='FILE', help='also write all samples')
    options = parser.parse_args()
    if options.warm_up is None:
        options.warm_up = min(3.0, options.minutes * 0.3)
    if not 0 <= options.stock <= options.nodes - 4 or options.minutes <= options.warm_up:
        parser.error('at least four nodes of ours, and load after the warm-up')
    return options


def main():
    options = parse()
    namespaces.require_root('soak')
    if options.stock and (problem := nodes.require_daemons()):
        sys.exit('soak: ' + problem)
    if not os.access(nodes.THICKET, os.X_OK):
        sys.exit('soak: %s is missing; build it first' % nodes.THICKET)
    namespaces.install_cleanup()
    with Mesh('soak', options.seed) as mesh:
        soak = Soak(mesh, options)
        soak.run()
        reasons = soak.reasons()
        print('%d nodes, %d of them judged; %g minutes of load, %g of them warm-up; minimum / median / maximum' % (
            options.nodes, len(soak.lasting), options.minutes, options.warm_up))
        for what, value in rows(soak):
            print('%-40s %s' % (what, value))
        for reason in reasons:
            print('  ' + reason)
        print('NOT WELL: %d reasons' % len(reasons) if reasons else 'flat: memory, descriptors and threads stay')
        if options.json:
            with open(options.json, 'w') as f:
                json.dump(as_json(soak, reasons), f, indent=1)
    return 1 if reasons else 0


if __name__ == '__main__':
    sys.exit(main())
