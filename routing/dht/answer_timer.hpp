#pragma once

#include <algorithm>

#include "crypto/time.hpp"
#include "routing/dht/limits.hpp"

namespace thicket::routing::dht {

/// How long an answer is waited for: what they took lately, with a margin (as RFC 6298 has it).
class AnswerTimer {
 public:
  void sample(Duration took) {
    if (mean_ == Duration{}) {
      mean_ = took;
      deviation_ = took / 2;
      return;
    }
    const Duration error = took > mean_ ? took - mean_ : mean_ - took;
    deviation_ += (error - deviation_) / 4;
    mean_ += (took - mean_) / 8;
  }
  Duration timeout() const {
    if (mean_ == Duration{}) return limits::kAnswerTimeoutMax;
    return std::clamp(mean_ + 4 * deviation_, Duration(limits::kAnswerTimeoutMin),
                      Duration(limits::kAnswerTimeoutMax));
  }
  /// Typical time to an answer; 0: none came yet.
  Duration mean() const { return mean_; }

 private:
  Duration mean_{};
  Duration deviation_{};
};

}  // namespace thicket::routing::dht
