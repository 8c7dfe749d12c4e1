#!/bin/bash
# Runs a mesh under churn, traffic and questions, and says whether memory and descriptors stay; see soak.py --help for the options.
#
#   tests/bench/soak.sh               24 nodes, ten minutes of load
#   tests/bench/soak.sh --minutes 2   a look
#
# Needs root (network namespaces, TUN devices).
set -euo pipefail
cd "$(dirname "$0")/../.."

node/install-packages.sh node/packages.txt tests/packages.txt
case " $* " in *" --stock"*) node/install-packages.sh --at-least 0.5 yggdrasil ;; esac
case " $* " in
  *" --help "*) ;;
  *)
    cmake --preset release >/dev/null
    cmake --build build --target thicket -j "$(nproc)" >/dev/null
    ;;
esac
if [ "$(id -u)" = 0 ]; then exec /usr/bin/python3 tests/bench/soak.py "$@"; fi
exec sudo /usr/bin/python3 tests/bench/soak.py "$@"
