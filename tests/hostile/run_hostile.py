#!/usr/bin/python3
"""A hostile peer against our daemon: every case of meshprobe, as a child and as the root of the tree.

    run_hostile.py [--stock] [CASE...]

The daemon under attack sits between two neighbours that ping each other through it all the time. After every case it must
take new links, its neighbours must still be talking, and its memory must hold; expectations.py says what else.

meshprobe is looked for at $THICKET_MESHPROBE, then at ../shared/tools/meshprobe.py beside the repository; without it nothing is
run. Ends with "hostile: N passed, N failed".
"""
import argparse
import json
import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '../interop'), HERE]

import expectations  # noqa: E402
from harness import namespaces, nodes  # noqa: E402
from harness.mesh import Mesh  # noqa: E402

PYTHON = '/usr/bin/python3'
LONGEST_SILENCE = 6.0   # seconds between the neighbours; the tree moves in many cases
GROWTH_KB = 8 * 1024    # a case may leave so much behind ...
CEILING_KB = 48 * 1024  # ... but never lift the daemon above this
AS_ROOT = ['nothing', 'announce-stranger', 'announce-max-seq', 'announce-stale', 'announce-loop',
           'announce-own-record-of-them', 'announce-root-with-port', 'bloom-all-ones', 'sigres-unasked',
           'replayed-init']


def find_meshprobe():
    path = os.environ.get('THICKET_MESHPROBE') or os.path.join(nodes.REPOSITORY, '../shared/tools/meshprobe.py')
    return os.path.normpath(path) if os.path.exists(path) else None


class Neighbours:
    """One end pings the other through the victim, all the time; `silence` is the longest gap seen."""

    def __init__(self, source, target):
        command = source.namespace.command('ping', '-6', '-n', '-D', '-i', '0.2', target.address)
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, preexec_fn=namespaces._end_with_parent)
        source.world.processes.append(self.process)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.last = time.time()

    def silence(self):
        """The longest time without an answer since the last call."""
        data = self.process.stdout.read() or b''
        longest = 0.0
        for stamp in re.findall(rb'^\[([\d.]+)\] \d+ bytes', data, re.M):
            longest = max(longest, float(stamp) - self.last)
            self.last = float(stamp)
        return max(longest, time.time() - self.last)


class Attack:
    """A daemon under attack, its two neighbours and the attacker, in a mesh of their own."""

    def __init__(self, mesh, meshprobe, kind):
        self.mesh, self.meshprobe = mesh, meshprobe
        self.victim = mesh.add(kind, 'victim', rank=0x10)
        left, right = mesh.add(kind, 'left', rank=0x20), mesh.add(kind, 'right', rank=0x30)
        probe = mesh.namespace('probe')
        mesh.link(left, self.victim)
        mesh.link(right, self.victim)
        _, addresses = mesh.wire(probe, self.victim.namespace)
        self.victim.config['Listen'].append('tcp://%s:7777' % addresses[0])
        self.probe, self.uri = probe, 'tcp://%s:7777' % addresses[0]
        mesh.start()
        mesh.wait_agreed(20)
        mesh.warm_up([(left, right)], 60)
        self.neighbours = Neighbours(left, right)
        self.passed = self.failed = 0

    def run(self, cases, side):
        """Runs cases one after another; `side` is --high (the probe is a child) or --low (it is the root)."""
        for case in cases:
            done = self.probe.run(PYTHON, self.meshprobe, 'hostile', self.uri, case, '--wait', '2.5', '--pid',
                                  str(self.victim.process.pid), side, timeout=180)
            try:
                result = json.loads(done.stdout)
                problems = [expectations.problem(result)]
            except ValueError:
                result = {}
                problems = ['meshprobe: ' + (done.stderr.strip().splitlines() or ['no answer'])[-1]]
            if not result.get('alive'):
                time.sleep(0.5)  # a dying daemon is to be seen dead
            problems += [self.health(result)]
            problems = [p for p in problems if p]
            self.report(case, side, result, problems)
            if not self.victim.running():
                print('     the daemon ended; starting it again\n     ' + '\n     '.join(self.victim.log().splitlines()[-40:]))
                self.victim.start().wait_ready()
                self.mesh.wait_agreed(30)

    def health(self, result):
        if not self.victim.running():
            return 'the daemon ended with ' + str(self.victim.process.returncode)
        silence = self.neighbours.silence()
        if silence > LONGEST_SILENCE:
            return 'its neighbours heard nothing of each other for %.1f s' % silence
        before, after = (kb or 0 for kb in result.get('rss_kb', (0, 0)))
        if after - before > GROWTH_KB or after > CEILING_KB:
            return 'memory went from %d to %d KB' % (before, after)
        return None

    def report(self, case, side, result, problems):
        self.passed += not problems
        self.failed += bool(problems)
        fate = 'closed' if result.get('closed') else 'open' if 'closed' in result else '?'
        print('%-4s %-32s %-6s %-6s %5.1f s %6d KB%s' % (
            'FAIL' if problems else 'PASS', case, side[2:], fate, result.get('took', 0),
            result.get('rss_kb', [0, 0])[1] or 0, '   ' + '; '.join(problems) if problems else ''), flush=True)
        if problems:
            print('     ' + json.dumps(result), flush=True)

    def floods_again(self):
        """A second round of the floods finds the memory where the first left it, the prober being root in both."""
        self.run(expectations.FLOODS, '--low')
        before = self.victim.rss_kb()
        self.run(expectations.FLOODS, '--low')
        after = self.victim.rss_kb()
        grown = after - before > 2048
        self.report('memory-after-second-floods', '--all', {'rss_kb': [before, after]},
                    ['memory went from %d to %d KB' % (before, after)] if grown else [])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--stock', action='store_true', help='attack the stock daemon, to check this program')
    parser.add_argument('cases', nargs='*')
    options = parser.parse_args()
    meshprobe = find_meshprobe()
    if not meshprobe:
        print('hostile: skipped: meshprobe not found (set THICKET_MESHPROBE)')
        return 0
    namespaces.require_root('hostile')
    if not options.stock and not os.access(nodes.THICKET, os.X_OK):
        sys.exit('hostile: %s is missing; build it first' % nodes.THICKET)
    listed = subprocess.run((PYTHON, meshprobe, 'cases'), capture_output=True, text=True, check=True).stdout.split()
    unruled = [c for c in listed if c not in expectations.RULES]
    if unruled:
        print('no expectation but life for: ' + ' '.join(unruled))
    namespaces.install_cleanup()
    kind = 'stock' if options.stock else 'ours'
    calm = [c for c in options.cases or listed if c not in expectations.FLOODS]
    floods = [c for c in options.cases or listed if c in expectations.FLOODS]
    # Most of a calm case is waiting: three attacks go side by side. The floods come alone.
    with Mesh('hostile') as a, Mesh('hostile') as b, Mesh('hostile') as c, ThreadPoolExecutor(3) as pool:
        attacks = [Attack(mesh, meshprobe, kind) for mesh in (a, b, c)]
        sides = range(len(attacks))
        list(pool.map(lambda i: attacks[i].run(calm[i::3], '--high'), sides))
        if not options.cases:
            list(pool.map(lambda i: attacks[i].run(AS_ROOT[i::3], '--low'), sides))
        attacks[0].run(floods, '--high')
        if not options.cases:
            attacks[0].floods_again()
        failed = sum(a.failed for a in attacks)
        print('hostile: %d passed, %d failed' % (sum(a.passed for a in attacks), failed))
        return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
