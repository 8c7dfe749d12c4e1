#pragma once

#include <chrono>
#include <cstdint>

namespace thicket {

using Duration = std::chrono::nanoseconds;

/// A clock without a `now()`: the core is handed the time, it never asks for it.
struct SteadyTime {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<SteadyTime>;
  static constexpr bool is_steady = true;
};

/// A moment on the owner's monotonic time line; only differences mean anything.
using Instant = SteadyTime::time_point;

/// The current time, as the owner of the core sees it when it calls.
struct Time {
  Instant steady;                  ///< never goes back
  std::uint64_t unix_seconds = 0;  ///< wall clock, for sequence numbers other nodes see; may jump
};

}  // namespace thicket
