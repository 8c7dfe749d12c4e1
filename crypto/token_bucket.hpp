#pragma once

#include <algorithm>
#include <cstdint>

#include "crypto/time.hpp"

namespace thicket {

/// How much of something is admitted, in the long run and at once. Both must be positive.
struct Rate {
  std::uint32_t per_second;
  std::uint32_t burst;
};

/// Lets a burst through, then a steady rate. Starts full.
class TokenBucket {
 public:
  constexpr explicit TokenBucket(Rate rate)
      : interval_(Duration(std::chrono::seconds(1)) / rate.per_second),
        tolerance_(interval_ * (rate.burst - 1)) {}

  /// Takes one token if there is one.
  bool take(Instant now) {
    if (!available(now)) return false;
    next_ = std::max(next_, now) + interval_;
    return true;
  }
  bool available(Instant now) const { return available_at() <= now; }
  /// When there is, or was, a token to take.
  Instant available_at() const { return next_ - tolerance_; }

 private:
  // The generic cell rate algorithm: next_ is when a taker at the steady rate would come next, and
  // a burst may run ahead of it by the tolerance.
  Duration interval_;
  Duration tolerance_;
  Instant next_{};
};

}  // namespace thicket
