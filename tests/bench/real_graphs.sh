#!/bin/bash
# Simulates real networks with our policy and with the baseline, and prints a table in Markdown.
#
#   tests/bench/real_graphs.sh DIR [SEED...]     DIR holds *.edges files; default: seed 1
#
# All nodes start, converge, stay idle for 30 s, and then exchange 500 pings and 500 lookups in
# 30 s. Fast cryptography. A run that takes longer than THICKET_BENCH_SECONDS (default 900) is left
# out. THICKET_SIM names the program, if it is not to be built.
set -euo pipefail
graphs=$(realpath "${1:?usage: real_graphs.sh DIR [SEED...]}")
shift
seeds=("$@")
if [ ${#seeds[@]} = 0 ]; then seeds=(1); fi
cd "$(dirname "$0")/../.."

if [ -z "${THICKET_SIM:-}" ]; then
  cmake --preset release >/dev/null
  cmake --build build --target thicket-sim -j "$(nproc)" >&2
fi
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
for graph in "$graphs"/*.edges; do
  for policy in thicket yggdrasil-0.5; do
    for seed in "${seeds[@]}"; do
      name=$(basename "$graph" .edges)
      echo "$name, $policy, seed $seed" >&2
      timeout "${THICKET_BENCH_SECONDS:-900}" "${THICKET_SIM:-build/sim/thicket-sim}" run --quiet \
        --graph "$graph" --crypto fast --seed "$seed" --policy "$policy" \
        --set warm_up.until_converged=true --set warm_up.idle_s=30 \
        --set traffic='{"pings": 500, "over_s": 30, "rounds": 1, "from_s": 0, "timeout_s": 20}' \
        --set lookups='{"lookups": 500, "over_s": 30, "rounds": 1}' \
        --json >"$results/$name.$policy.$seed.json" || rm -f "$results/$name.$policy.$seed.json"
    done
  done
done
python3 tests/bench/sim_tables.py graphs "$results"
