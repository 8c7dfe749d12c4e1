#!/usr/bin/env python3
"""What finding a node costs, in Markdown: every lookup policy beside the graph-level model.
Build first: cmake --build build.

  lookups.py [DIR] [--nodes 1000,10000] [--lookups N] [--lookup LIST] [--settle S] [--idle S]

On Barabási-Albert (m = 2) and geometric graphs of each of these sizes, and on the graphs
DIR/*.edges; fast cryptography, seed 1. One run at a time: 100,000 nodes take much memory.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

from simulations import PROGRAM, number, table

HEAD = ("graph", "nodes", "policy", "transmissions", "p95", "model", "success", "ms", "p99",
        "busiest", "contacts", "records", "idle bytes/node/s", "auto / better")


def study(graph, arguments, timeout):
    """The summary of one graph; None: there is none, and why was said."""
    with tempfile.TemporaryDirectory() as folder:
        command = [str(PROGRAM), "lookup", "--quiet", "--crypto", "fast", "--out", folder, *graph]
        for option in ("lookups", "lookup", "settle", "idle"):
            value = getattr(arguments, option)
            if value is not None:
                command += [f"--{option}", value]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=timeout)
        except subprocess.TimeoutExpired:
            print(f"{' '.join(command)}: longer than {timeout:.0f} s", file=sys.stderr)
            return None
        if done.returncode != 0:
            print(f"{' '.join(command)}: exit code {done.returncode}\n{done.stderr}",
                  file=sys.stderr)
            return None
        return json.loads((pathlib.Path(folder) / "summary.json").read_text())


def rows_of(name, summary):
    model = summary["model"]
    yield (name, f"{summary['nodes']:,}", "model", "", "",
           f"bloom {model['bloom']:.1f}, recursive {model['recursive']:.1f}, with copies "
           f"{model['with_copies']:.1f}, bound {model['there_and_back']:.1f}", *[""] * 8)
    for policy, d in summary["lookups"].items():
        ratio = summary["auto_over_better"] if policy == "auto" else None
        yield (name, f"{summary['nodes']:,}", policy, number(d["transmissions_mean"], 1),
               number(d["transmissions_p95"], 0), number(d["model_transmissions"], 1),
               number(d["success"], 4), number(d["time_ms_p50"], 0), number(d["time_ms_p99"], 0),
               number(d["busiest_share"], 3), number(d["table_entries_mean"], 1),
               number(d["records_mean"], 1), number(d["idle_bytes_per_node_s"], 1), number(ratio))


def graphs_of(arguments):
    for nodes in arguments.nodes.split(","):
        for kind in arguments.topologies.split(","):
            yield kind, ("--topology", kind, "--nodes", nodes)
    if arguments.directory is None:
        return
    files = sorted(pathlib.Path(arguments.directory).glob("*.edges"))
    if not files:
        sys.exit(f"{arguments.directory}: no *.edges files there")
    for file in files:
        yield file.stem, ("--graph", str(file), "--largest-component")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("directory", nargs="?")
    parser.add_argument("--nodes", default="1000,10000")
    parser.add_argument("--topologies", default="barabasi-albert,geometric")
    parser.add_argument("--timeout", type=float, default=3600, help="seconds for each graph")
    for option in ("--lookups", "--lookup", "--settle", "--idle"):
        parser.add_argument(option)
    arguments = parser.parse_args()
    if not PROGRAM.exists():
        sys.exit(f"{PROGRAM} is missing: cmake --preset release && cmake --build build")
    rows = []
    failures = 0
    for name, graph in graphs_of(arguments):
        summary = study(graph, arguments, arguments.timeout)
        if summary is None:
            failures += 1
        else:
            rows += rows_of(name, summary)
    table(HEAD, rows)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
