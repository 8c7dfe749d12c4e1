#!/bin/bash
# Simulates the six mobility scenarios with our policy and with the baseline, and prints a table in
# Markdown: means over the seeds, with the figures published for meshnet-lab's scenarios.
#
#   tests/bench/mobility.sh [SEED...]     default: seeds 1 to 5
#
# THICKET_SIM names the program, if it is not to be built.
set -euo pipefail
seeds=("$@")
if [ ${#seeds[@]} = 0 ]; then seeds=(1 2 3 4 5); fi
cd "$(dirname "$0")/../.."

if [ -z "${THICKET_SIM:-}" ]; then
  cmake --preset release >/dev/null
  cmake --build build --target thicket-sim -j "$(nproc)" >&2
fi
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
for scenario in 30s-10m 30s-30m 30s-60m 10s-10m 10s-30m 10s-60m; do
  for policy in thicket yggdrasil-0.5; do
    for seed in "${seeds[@]}"; do
      echo "mobility-$scenario, $policy, seed $seed" >&2
      "${THICKET_SIM:-build/sim/thicket-sim}" run --quiet --scenario "mobility-$scenario" \
        --crypto fast --seed "$seed" --policy "$policy" --json \
        >"$results/$scenario.$policy.$seed.json"
    done
  done
done
python3 tests/bench/sim_tables.py mobility "$results"
