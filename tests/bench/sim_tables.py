#!/usr/bin/env python3
"""Makes the Markdown tables of real_graphs.sh and mobility.sh.

Usage: sim_tables.py graphs|mobility FOLDER

FOLDER holds summaries of thicket-sim, named GRAPH.POLICY.SEED.json or SCENARIO.POLICY.SEED.json.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path

POLICIES = ('thicket', 'yggdrasil-0.5')
# Delivery with meshnet-lab's scenarios of 30 s steps: Yggdrasil 0.5.5, Yggdrasil 0.4.7, babel.
PUBLISHED = {
    '30s-10m': ('0.84', '1.00', '1.00'),
    '30s-30m': ('0.48', '1.00', '0.99'),
    '30s-60m': ('0.41', '1.00', '0.98'),
}
GRAPH_COLUMNS = (
    ('stretch mean', 'stretch_hops_mean', '.2f'),
    ('p99', 'stretch_hops_p99', '.2f'),
    ('state B/node', 'state_bytes_per_node', ',.0f'),
    ('control B/node/s converging', 'control_bytes_per_node_s_converging', ',.0f'),
    ('idle', 'control_bytes_per_node_s_idle', ',.1f'),
    ('converged s', 'first_converged_s', '.2f'),
    ('lookup transmissions', 'lookup_transmissions_mean', ',.1f'),
    ('lookup ms', 'lookup_ms_mean', ',.0f'),
    ('delivery', 'delivery', '.3f'),
)


def read(folder):
    """Summaries by (graph or scenario, policy)."""
    found = defaultdict(list)
    for path in sorted(Path(folder).glob('*.json')):
        for policy in POLICIES:
            name, _, seed = path.name.removesuffix('.json').partition(f'.{policy}.')
            if seed:
                found[name, policy].append(json.loads(path.read_text()))
    return found


def mean(runs, key):
    values = [run[key] for run in runs if run.get(key) is not None]
    return sum(values) / len(values) if values else None


def text(value, form):
    return 'none' if value is None else format(value, form)


def print_row(cells):
    print('| ' + ' | '.join(cells) + ' |')


def print_head(titles):
    print_row(titles)
    print_row(['---'] * len(titles))


def print_graphs(found):
    print_head(['graph', 'nodes', 'links', 'policy'] + [title for title, _, _ in GRAPH_COLUMNS])
    for name in sorted({name for name, _ in found}, key=lambda n: next(
            runs[0]['nodes'] for (other, _), runs in found.items() if other == n)):
        for policy in POLICIES:
            runs = found.get((name, policy))
            if not runs:
                print_row([name, '', '', policy] + ['not in time'] + [''] * (len(GRAPH_COLUMNS) - 1))
                continue
            print_row([name, f"{runs[0]['nodes']:,}", f"{runs[0]['links']:,}", policy]
                      + [text(mean(runs, key), form) for _, key, form in GRAPH_COLUMNS])


def print_mobility(found):
    print_head(['scenario'] + [f'delivery, {policy}' for policy in POLICIES]
               + [f'control B/node/s, {policy}' for policy in POLICIES]
               + ['published: Yggdrasil 0.5.5', 'Yggdrasil 0.4.7', 'babel'])
    for name in sorted({name for name, _ in found}, key=lambda n: (n.startswith('10s'), n)):
        print_row([name]
                  + [text(mean(found[name, policy], 'delivery'), '.3f') for policy in POLICIES]
                  + [text(mean(found[name, policy], 'control_bytes_per_node_s'), ',.0f')
                     for policy in POLICIES]
                  + list(PUBLISHED.get(name, ('', '', ''))))


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ('graphs', 'mobility'):
        sys.exit(__doc__)
    found = read(sys.argv[2])
    if not found:
        sys.exit('no run came to its end')
    (print_graphs if sys.argv[1] == 'graphs' else print_mobility)(found)


if __name__ == '__main__':
    main()
