#pragma once

namespace thicket::sim {

/// Products of two 64-bit numbers. GCC and Clang have the type on every 64-bit machine.
__extension__ typedef unsigned __int128 Uint128;

}  // namespace thicket::sim
