#pragma once

#include <chrono>
#include <ctime>

#include "crypto/time.hpp"

namespace thicket::node {

/// The system's clocks, as the core wants to be told the time.
inline Time current_time() {
  // time() rather than system_clock: whole seconds are all that is needed, and they cost less.
  return {Instant(std::chrono::steady_clock::now().time_since_epoch()),
          static_cast<std::uint64_t>(std::time(nullptr))};
}

/// The same moment on the clock that timers run on.
inline std::chrono::steady_clock::time_point to_steady_clock(Instant instant) {
  return std::chrono::steady_clock::time_point(
      std::chrono::duration_cast<std::chrono::steady_clock::duration>(instant.time_since_epoch()));
}

}  // namespace thicket::node
