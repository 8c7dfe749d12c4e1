#!/bin/bash
# Measures our daemon and stock Yggdrasil in turn and prints a table; see throughput.py --help for the options.
#
#   tests/bench/throughput.sh             everything, three times (about half an hour)
#   tests/bench/throughput.sh --quick     a look, a few minutes
#
# Needs root (network namespaces, TUN devices) and an otherwise idle machine.
set -euo pipefail
cd "$(dirname "$0")/../.."

node/install-packages.sh node/packages.txt tests/packages.txt
node/install-packages.sh --at-least 0.5 yggdrasil
case " $* " in
  *" --stock-only "* | *" --help "*) ;;
  *)
    cmake --preset release >/dev/null
    cmake --build build --target thicket -j "$(nproc)" >/dev/null
    ;;
esac
if [ "$(id -u)" = 0 ]; then exec /usr/bin/python3 tests/bench/throughput.py "$@"; fi
exec sudo /usr/bin/python3 tests/bench/throughput.py "$@"
