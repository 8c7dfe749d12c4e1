#!/bin/bash
# Writes the files of this folder anew from what the simulator does now; review the difference.
set -euo pipefail
cd "$(dirname "$0")/../.."

cmake --preset release >/dev/null
cmake --build build --target sim_tests -j "$(nproc)" | tail -n 20
THICKET_UPDATE_SNAPSHOTS=1 build/tests/sim/sim_tests --gtest_brief=1 \
  --gtest_filter='TraceHashesTest.*:TopologiesSnapshotTest.*'
git --no-pager diff --stat -- tests/snapshots
