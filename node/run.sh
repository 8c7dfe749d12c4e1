#!/bin/bash
# Installs what is missing, builds and starts a node. Arguments go to "thicket run": peers, --config FILE, ...
#
#   node/run.sh                               a node of its own
#   node/run.sh tls://peer.example.net:443    a node that joins the mesh through that peer
set -euo pipefail
cd "$(dirname "$0")/.."

node/install-packages.sh node/packages.txt
if [ ! -e build/build.ninja ]; then cmake --preset release -DTHICKET_TESTS=OFF; fi
cmake --build build --target thicket -j "${THICKET_JOBS:-$(nproc)}"

# The address of the mesh needs a TUN device, and that needs root; without it the node still relays.
if [ "$(id -u)" != 0 ] && command -v sudo >/dev/null; then
  echo "Starting with sudo: an IPv6 address needs a TUN device. (Without root: build/node/thicket run)"
  if sudo -v; then exec sudo build/node/thicket run "$@"; fi
  echo "sudo cannot be used: starting without root."
fi
exec build/node/thicket run "$@"
