#!/usr/bin/python3
"""Throughput, processor time, memory and start-up of our daemon beside stock Yggdrasil's, as a table of medians.

The daemons are measured in turn within each repetition, so that a drift of the machine meets both alike.
"""
import argparse
import json
import os
import platform
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '../interop'), HERE]

from harness import namespaces, nodes  # noqa: E402
from harness.mesh import Mesh  # noqa: E402
from harness.namespaces import Timeout  # noqa: E402
from harness.traffic import iperf3, received_mbit, received_packets  # noqa: E402
from results import Results  # noqa: E402

STALL = 10.0        # seconds to the first ping that count as a stall
START_LIMIT = 90.0  # and that we wait at most
TOPOLOGIES = {'pair': 2, 'line of 4': 4}


def cpu_per_gb(before, after, report):
    """Processor seconds of each daemon per 10^9 bytes received."""
    gigabytes = report['end']['sum_received']['bytes'] / 1e9
    return [(b - a) / gigabytes for a, b in zip(before, after)]


def loaded_ping(source, target, seconds):
    """Round trips in ms during the next seconds."""
    return source.ping(target, int(seconds / 0.02), interval=0.02, wait=2)[2]


def measure_load(results, kind, topology, options):
    """Throughput, packets, processor time, memory and latency in one line of nodes."""
    put = lambda name, value: results.put(topology, name, kind, value)
    with Mesh('bench') as mesh, ThreadPoolExecutor(1) as pool:
        line = mesh.line([kind] * TOPOLOGIES[topology])
        mesh.start()
        mesh.wait_agreed(60, stable=1)
        first, last, relays = line[0], line[-1], line[1:-1]
        mesh.warm_up([(first, last), (last, first)], START_LIMIT)
        time.sleep(options.idle)
        put('memory idle, MB', max(n.rss_kb() for n in line) / 1024)
        put('ping idle p50, ms', results.percentile(loaded_ping(first, last, 1), 50))

        before = [n.cpu_seconds() for n in line]
        pings = pool.submit(loaded_ping, first, last, max(options.seconds - 0.5, 1))
        report = iperf3(first, last, options.seconds)
        cpu = cpu_per_gb(before, [n.cpu_seconds() for n in line], report)
        put('TCP, 1 stream, Mbit/s', received_mbit(report))
        put('CPU s/GB, sending end', cpu[0])
        put('CPU s/GB, receiving end', cpu[-1])
        if relays:
            put('CPU s/GB, relay', sum(cpu[1:-1]) / len(relays))
        round_trips = pings.result()
        put('ping under load p50, ms', results.percentile(round_trips, 50))
        put('ping under load p99, ms', results.percentile(round_trips, 99))

        put('TCP, 4 streams, Mbit/s', received_mbit(iperf3(first, last, options.seconds, '-P', '4')))
        report = iperf3(first, last, options.seconds, '-u', '-b', '0', '-l', '200')
        put('UDP 200 B, packets/s', received_packets(report))
        put('memory after load, MB', max(n.rss_kb() for n in line) / 1024)


def measure_start(results, kind, topology, seed):
    """Seconds from the start of the last node of a line to the first ping through all of it."""
    rng = random.Random(seed)
    count = TOPOLOGIES[topology]
    with Mesh('bench', seed) as mesh:
        line = mesh.line([kind] * count, rng.sample(range(1, 255), count))
        mesh.start(line[:-1])
        line[-1].start()
        try:
            line[-1].first_answer(line[0], START_LIMIT)
            took = time.monotonic() - line[-1].started
        except Timeout:
            took = START_LIMIT
    results.put(topology, 'start to first ping, s', kind, took)
    return took


def measure_heal(results, kind, count, seed):
    """Seconds until all of a mesh agree again after their root was killed."""
    topology = 'mesh of %d' % count
    with Mesh('bench', seed) as mesh:
        for i in range(count):
            mesh.add(kind, 'n%d' % i, rank=0x05 if i == count // 2 else 0x10 + i).config['IfName'] = 'none'
        links = {(i, mesh.random.randrange(i)) for i in range(1, count)}
        while len(links) < count * 2:
            links.add(tuple(sorted(mesh.random.sample(range(count), 2), reverse=True)))
        for a, b in sorted(links):
            mesh.link(mesh.nodes[a], mesh.nodes[b])
        mesh.start()
        mesh.wait_agreed(120, stable=3)
        root = min(mesh.nodes, key=lambda n: n.key)
        rest = [n for n in mesh.nodes if n is not root]
        root.kill()
        results.put(topology, 'root killed to new root agreed, s', kind, mesh.wait_agreed(120, rest, stable=1))
        results.put(topology, 'memory, MB', kind, max(n.rss_kb() for n in rest) / 1024)


def about():
    """The machine and the versions, in one line each."""
    def first_line(*command):
        try:
            return subprocess.run(command, capture_output=True, text=True).stdout.strip().splitlines()[0]
        except (OSError, IndexError):
            return '?'
    with open('/proc/cpuinfo') as f:
        model = next((l.split(':')[1].strip() for l in f if l.startswith('model name')), platform.machine())
    print('%d × %s, Linux %s, load %.2f' % (os.cpu_count(), model, platform.release(), os.getloadavg()[0]))
    print('ours: %s; stock: %s' % (first_line(nodes.THICKET, '--version'),
                                   ' '.join(subprocess.run(('yggdrasil', '-version'), capture_output=True,
                                                           text=True).stdout.split())))


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--quick', action='store_true', help='one short repetition, few starts, a mesh of 20')
    parser.add_argument('--repeat', type=int, default=3)
    parser.add_argument('--seconds', type=int, default=8, help='of each load')
    parser.add_argument('--idle', type=float, default=5, help='seconds before the idle memory is read')
    parser.add_argument('--starts', type=int, default=20, help='starts of each topology')
    parser.add_argument('--mesh', type=int, default=50, help='size of the mesh that loses its root')
    parser.add_argument('--only', default='load,start,heal', help='parts to run')
    parser.add_argument('--stock-only', action='store_true', help='stock on both sides, to check the measuring')
    parser.add_argument('--json', metavar='FILE', help='also write all single values')
    options = parser.parse_args()
    if options.quick:
        options.repeat, options.seconds, options.idle, options.starts, options.mesh = 1, 4, 2, 3, 20
    return options


def main():
    options = parse()
    namespaces.require_root('bench')
    if options.stock_only:
        os.environ['THICKET_INTEROP_OURS'] = 'stock'
    problem = nodes.require_daemons()
    if problem:
        sys.exit('bench: ' + problem)
    namespaces.install_cleanup()
    about()
    parts = options.only.split(',')
    results = Results(('ours', 'stock'), STALL)

    def say(text):
        print('  %s' % text, file=sys.stderr, flush=True)
    for repetition in range(options.repeat):
        for kind in ('ours', 'stock') if repetition % 2 == 0 else ('stock', 'ours'):
            if 'load' in parts:
                for topology in TOPOLOGIES:
                    say('load %d/%d %s %s' % (repetition + 1, options.repeat, topology, kind))
                    measure_load(results, kind, topology, options)
            if 'heal' in parts:
                say('heal %d/%d %s' % (repetition + 1, options.repeat, kind))
                measure_heal(results, kind, options.mesh, 70 + repetition)
    if 'start' in parts:
        for topology in TOPOLOGIES:
            for i in range(options.starts):
                for kind in ('ours', 'stock'):
                    took = measure_start(results, kind, topology, 1000 + i)
                    say('start %d/%d %s %s %.2f s' % (i + 1, options.starts, topology, kind, took))
    print(results.table())
    if options.json:
        with open(options.json, 'w') as f:
            json.dump(results.values_as_json(), f, indent=1)
    return 0


if __name__ == '__main__':
    sys.exit(main())
