#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "crypto/public_key.hpp"
#include "crypto/session_limits.hpp"
#include "crypto/state_bytes.hpp"
#include "crypto/time.hpp"

namespace thicket::crypto {

/// The sequence numbers of the inits and acks that we send (wire.md §8): Unix time in seconds, made
/// to rise strictly per remote even when the wall clock stands still or goes back.
class SessionSequence {
 public:
  /// The number for the next message to `to`. None if it would be more than kMaxSequenceLead ahead
  /// of the clock: then nothing may be sent for a moment.
  std::optional<std::uint64_t> next(Time now, const PublicKey& to);

  /// Whether next() would give a number.
  bool is_ready(Time now, const PublicKey& to);

  /// Remotes remembered; at most kMaxRememberedSequences.
  std::size_t size() const { return last_.size(); }
  std::size_t state_bytes() const { return tree_bytes(last_) + tree_bytes(by_number_); }

 private:
  std::uint64_t seconds(Time now);
  void forget_passed(std::uint64_t seconds);

  // Only remotes whose last number the clock has not yet passed, and the same by number.
  std::map<PublicKey, std::uint64_t> last_;
  std::set<std::pair<std::uint64_t, PublicKey>> by_number_;
  // The highest that the wall clock has been, and when it was.
  std::optional<Time> anchor_;
};

}  // namespace thicket::crypto
