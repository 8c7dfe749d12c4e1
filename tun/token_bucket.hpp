#pragma once

#include <algorithm>
#include <cstdint>

#include "crypto/time.hpp"

namespace thicket::tun {

/// Lets `burst` events through at once and then one per `interval`.
class TokenBucket {
 public:
  TokenBucket(std::uint32_t burst, Duration interval)
      : span_(interval * burst), interval_(interval) {}

  /// Whether one more event may happen at `now`; if so it is counted.
  bool take(Instant now) {
    // full_at_: when the bucket would be full again. Each event puts that off by one interval.
    const Instant full_at = std::max(full_at_, now) + interval_;
    if (full_at - now > span_) return false;
    full_at_ = full_at;
    return true;
  }
  bool full(Instant now) const { return full_at_ <= now; }

 private:
  Duration span_;
  Duration interval_;
  Instant full_at_ = Instant::min();
};

}  // namespace thicket::tun
