#pragma once

#include <algorithm>
#include <cstdint>

#include "crypto/session_limits.hpp"
#include "crypto/time.hpp"

namespace thicket::crypto {

/// Admits `rate.burst` events at once and `rate.per_second` in the long run.
class TokenBucket {
 public:
  explicit TokenBucket(Rate rate) : rate_(rate) {}

  /// Whether one more event is admitted now; counts it if so.
  bool take(Instant now) {
    const Duration cost = Duration(std::chrono::seconds(1)) / rate_.per_second;
    // What is left of the burst is kept as the moment at which all of it will be back.
    const Instant full_at = std::max(full_at_, now);
    if (full_at - now > cost * (rate_.burst - 1)) return false;
    full_at_ = full_at + cost;
    return true;
  }

 private:
  Rate rate_;
  Instant full_at_{};
};

}  // namespace thicket::crypto
