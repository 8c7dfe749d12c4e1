"""Runs thicket-sim on large networks, one run after another, and prints what each took and what a node's tables take."""
import argparse
import json
import os
import subprocess
import sys
import time

BARABASI_ALBERT = ['--topology', 'barabasi-albert', '--links', '2']
GEOMETRIC = ['--topology', 'geometric', '--degree', '8']
# What the simulator should manage: (nodes, cryptography) -> seconds of real time, gigabytes.
TARGETS = {(1000, 'real'): (20, None), (10000, 'real'): (300, 2), (10000, 'fast'): (300, 2), (100000, 'fast'): (900, 12)}
QUICK = 10000


class Run:
    """One network, simulated once."""

    def __init__(self, name, topology, nodes, cryptography):
        self.name, self.nodes, self.cryptography = name, nodes, cryptography
        self.options = topology + ['--nodes', str(nodes), '--crypto', cryptography]
        self.summary, self.fault = {}, None
        self.real_s = self.cpu_s = self.memory_gb = 0

    def go(self, arguments):
        command = [arguments.sim, 'run', *self.options, '--seed', str(arguments.seed),
                   '--duration', str(arguments.duration), '--quiet', '--json']
        begin = time.monotonic()
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=self._limit(arguments)) as process:
            output = process.stdout.read()
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        self.real_s = time.monotonic() - begin
        self.cpu_s = usage.ru_utime + usage.ru_stime
        self.memory_gb = usage.ru_maxrss / 1e6
        if process.returncode != 0:
            self.fault = self._fault_of(process.returncode)
        else:
            self.summary = json.loads(output)

    @staticmethod
    def _fault_of(code):
        return 'over the limit of time' if code == -24 else 'failed (%d), perhaps over the limit of memory' % code

    @staticmethod
    def _limit(arguments):
        import resource

        def limit():
            resource.setrlimit(resource.RLIMIT_AS, (int(arguments.memory * 1e9),) * 2)
            resource.setrlimit(resource.RLIMIT_CPU, (arguments.timeout, arguments.timeout + 5))
        return limit

    def speed_row(self):
        if self.fault:
            return [self.name, self._count(self.nodes), self.cryptography, self.fault]
        time_target, memory_target = TARGETS.get((self.nodes, self.cryptography), (None, None))
        converged = self.summary['converged_s']
        return [self.name, self._count(self.nodes), self.cryptography, self._against(self.real_s, time_target, '%.1f'),
                '%.1f' % self.cpu_s, self._against(self.memory_gb, memory_target, '%.2f'),
                'never' if converged is None else '%.2f' % converged, self._count(self.summary['events']),
                self._count(self.summary['events'] / max(self.cpu_s, 0.01)), self.summary['trace_hash']]

    def state_row(self):
        if self.fault:
            return [self.name, self._count(self.nodes), self.fault]
        summary = self.summary
        depth, state = summary['depth_mean'], summary['state_bytes_p50']
        degree = 2 * summary['links'] / summary['nodes']
        return [self.name, self._count(summary['nodes']), '%.1f' % degree, '%.1f' % depth,
                self._count(summary['state_bytes_per_node']), self._count(state),
                self._count(summary['state_bytes_per_node'] / degree)]

    @staticmethod
    def _against(value, target, form):
        return form % value if target is None else '%s of %g' % (form % value, target)

    @staticmethod
    def _count(value):
        return '{:,.0f}'.format(value)


def table(title, heads, rows):
    rows = [heads] + [row + [''] * (len(heads) - len(row)) for row in rows]
    # A fault takes the place of the figures, however long it is.
    widths = [max(len(row[i]) for row in rows if row[-1] or row is rows[0]) for i in range(len(heads))]
    print('\n%s\n' % title)
    for row in rows:
        print('  '.join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))).rstrip())


def planned(arguments):
    speed = [Run('barabasi-albert', BARABASI_ALBERT, nodes, cryptography)
             for nodes, cryptography in ((1000, 'real'), (10000, 'real'), (10000, 'fast'), (100000, 'fast'))]
    sizes = (100, 1000, 10000, 100000)
    done = {(run.name, run.nodes): run for run in speed if run.cryptography == 'fast'}
    state = [done.get((name, nodes)) or Run(name, topology, nodes, 'fast')
             for name, topology in (('barabasi-albert', BARABASI_ALBERT), ('geometric', GEOMETRIC)) for nodes in sizes]
    wanted = [run for run in speed + [r for r in state if r not in speed]
              if run.nodes <= arguments.largest and (arguments.only in (None, run.name))]
    return [r for r in speed if r in wanted], [r for r in state if r in wanted], wanted


def main():
    parser = argparse.ArgumentParser(prog='simulator.sh', description=__doc__)
    parser.add_argument('--quick', action='store_true', help='no network of more than 10,000 nodes')
    parser.add_argument('--largest', type=int, default=100000, metavar='N', help='no network of more than N nodes')
    parser.add_argument('--only', choices=['barabasi-albert', 'geometric'], help='networks of this kind alone')
    parser.add_argument('--duration', default='30', metavar='TIME', help='simulated, of each run (30)')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--timeout', type=int, default=1800, metavar='S', help='CPU time that a run may take (1800)')
    parser.add_argument('--memory', type=float, default=14, metavar='GB', help='that a run may take (14)')
    parser.add_argument('--sim', default='build/sim/thicket-sim', metavar='FILE', help='the simulator to run')
    parser.add_argument('--json', metavar='FILE', help='also write all figures of all runs')
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.largest = min(arguments.largest, QUICK)
    speed, state, runs = planned(arguments)
    for run in runs:
        print('%s, %d nodes, %s cryptography …' % (run.name, run.nodes, run.cryptography), file=sys.stderr, flush=True)
        run.go(arguments)
    if speed:
        table('Speed: %s s simulated' % arguments.duration,
              ['network', 'nodes', 'crypto', 'real s', 'CPU s', 'GB', 'converged s', 'events', 'events/s', 'trace hash'],
              [run.speed_row() for run in speed])
    table('State of a node, in bytes: its tables as the router counts them',
          ['network', 'nodes', 'peers', 'depth', 'mean', 'median', 'mean per peer'], [run.state_row() for run in state])
    if arguments.json:
        with open(arguments.json, 'w', encoding='utf-8') as file:
            json.dump([{'network': r.name, 'nodes': r.nodes, 'crypto': r.cryptography, 'real_s': r.real_s, 'cpu_s': r.cpu_s,
                        'memory_gb': r.memory_gb, 'fault': r.fault, 'summary': r.summary} for r in runs], file, indent=1)
    return 1 if any(run.fault for run in runs) else 0


if __name__ == '__main__':
    sys.exit(main())
