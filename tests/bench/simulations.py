#!/usr/bin/env python3
"""Tables of what the simulator measures, in Markdown. Build first: cmake --build build.

  simulations.py graphs DIR                     both policies on the graphs DIR/*.edges
  simulations.py mobility [--seeds N]           delivery while nodes move, both policies

Runs are made two at a time; the figures are functions of the seed.
"""

import argparse
import concurrent.futures
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

PROGRAM = pathlib.Path(__file__).resolve().parents[2] / "build/sim/thicket-sim"
POLICIES = ("thicket", "yggdrasil-0.5")


def run(*options):
    """Runs thicket-sim with these options and returns its summary."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(PROGRAM), "run", "--quiet", "--out", folder, *map(str, options)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=3600)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}")
        return json.loads((pathlib.Path(folder) / "summary.json").read_text())


def run_all(jobs, workers=2):
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda options: run(*options), jobs))


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("| " + " | ".join("---" for _ in head) + " |")
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")


def number(value, digits=2):
    return "-" if value is None else f"{value:,.{digits}f}"


def graphs(arguments):
    files = sorted(pathlib.Path(arguments.directory).glob("*.edges"))
    if not files:
        sys.exit(f"{arguments.directory}: no *.edges files there")
    jobs = [("--graph", file, "--crypto", "fast", "--policy", policy)
            for file in files for policy in POLICIES]
    rows = []
    for (_, file, *_, policy), d in zip(jobs, run_all(jobs)):
        rows.append((file.stem, f"{d['nodes']:,}", policy, number(d["converged_s"]),
                     number(d["stretch_hops_mean"]), number(d["stretch_hops_p99"]),
                     number(d["state_bytes_per_node"] / 1e3, 1),
                     number(d["control_bytes_per_node_s_converging"], 0),
                     number(d["control_bytes_per_node_s_idle"], 0),
                     number(d["lookup_transmissions_mean"], 1), number(d["lookup_ms_p50"], 0),
                     number(d["delivery"], 3)))
    table(("graph", "nodes", "policy", "converged s", "stretch", "p99", "state kB",
           "bytes/node/s converging", "idle", "lookup transmissions", "ms", "delivery"), rows)


def mobility(arguments):
    scenarios = [f"mobility-{step}s-{metres}m" for step in (30, 10) for metres in (10, 30, 60)]
    keys = [(scenario, policy) for scenario in scenarios for policy in POLICIES]
    jobs = [("--scenario", scenario, "--crypto", "fast", "--policy", policy, "--seed", seed)
            for scenario, policy in keys for seed in range(1, arguments.seeds + 1)]
    results = run_all(jobs)
    rows = []
    for index, (scenario, policy) in enumerate(keys):
        runs = results[index * arguments.seeds:(index + 1) * arguments.seeds]
        delivery = [d["delivery"] for d in runs]
        rows.append((scenario, policy, number(statistics.mean(delivery), 3), number(min(delivery), 3),
                     number(statistics.mean(d["control_bytes_per_node_s"] for d in runs), 0)))
    table(("scenario", "policy", f"delivery, mean of {arguments.seeds} seeds", "lowest",
           "control bytes/node/s"), rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("graphs")
    command.add_argument("directory")
    command.set_defaults(function=graphs)
    command = commands.add_parser("mobility")
    command.add_argument("--seeds", type=int, default=5)
    command.set_defaults(function=mobility)
    arguments = parser.parse_args()
    if not PROGRAM.exists():
        sys.exit(f"{PROGRAM} is missing: cmake --preset release && cmake --build build")
    arguments.function(arguments)


if __name__ == "__main__":
    main()
