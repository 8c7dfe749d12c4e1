#include "crypto/session_sequence.hpp"

#include <algorithm>

namespace thicket::crypto {

std::uint64_t SessionSequence::seconds(Time now) {
  if (anchor_) {
    const auto passed =
        std::chrono::duration_cast<std::chrono::seconds>(now.steady - anchor_->steady).count();
    const std::uint64_t expected = anchor_->unix_seconds + static_cast<std::uint64_t>(passed);
    if (now.unix_seconds <= expected) return expected;
  }
  anchor_ = now;
  return now.unix_seconds;
}

void SessionSequence::forget_passed(std::uint64_t seconds) {
  while (!by_number_.empty()) {
    const auto lowest = by_number_.begin();
    if (lowest->first >= seconds && by_number_.size() < kMaxRememberedSequences) break;
    last_.erase(lowest->second);
    by_number_.erase(lowest);
  }
}

bool SessionSequence::is_ready(Time now, const PublicKey& to) {
  const auto known = last_.find(to);
  return known == last_.end() || known->second < seconds(now) + kMaxSequenceLead;
}

std::optional<std::uint64_t> SessionSequence::next(Time now, const PublicKey& to) {
  const std::uint64_t clock = seconds(now);
  if (!is_ready(now, to)) return std::nullopt;
  std::uint64_t number = clock;
  const auto known = last_.find(to);
  if (known != last_.end()) {
    number = std::max(clock, known->second + 1);
    by_number_.erase({known->second, to});
    last_.erase(known);
  }
  forget_passed(clock);
  last_.emplace(to, number);
  by_number_.emplace(number, to);
  return number;
}

}  // namespace thicket::crypto
