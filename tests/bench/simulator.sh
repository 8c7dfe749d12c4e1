#!/bin/bash
# Measures thicket-sim itself: how fast it simulates large networks, how much memory it takes, and how a node's state
# grows with the network. Prints two tables; see simulator.py --help for the options.
#
#   tests/bench/simulator.sh             everything (the better part of an hour, and up to 12 GB of memory)
#   tests/bench/simulator.sh --quick     up to 10,000 nodes (a few minutes)
#
# Each run uses one core. Targets, on an otherwise idle machine: 1,000 nodes with real cryptography in 20 s of real time;
# 10,000 in 5 min and 2 GB; 100,000 with fast cryptography in 15 min and 12 GB.
set -euo pipefail
cd "$(dirname "$0")/../.."

case " $* " in
  *" --help "*) ;;
  *)
    node/install-packages.sh node/packages.txt tests/packages.txt
    cmake --preset release >/dev/null
    cmake --build build --target thicket-sim -j "$(nproc)" >/dev/null
    ;;
esac
exec /usr/bin/python3 tests/bench/simulator.py "$@"
