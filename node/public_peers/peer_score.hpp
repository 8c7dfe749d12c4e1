#pragma once

#include <cstddef>

#include "crypto/time.hpp"

namespace thicket::node {

/// How good a peer has proved to be. What was long ago counts less: its weight halves every
/// kHalfLife.
class PeerScore {
 public:
  static constexpr Duration kHalfLife = std::chrono::hours(6);
  /// Tries that went well before anything is known: one or two failures are an accident.
  static constexpr double kGoodFaith = 40;
  /// A failed try is as bad as a handshake that takes so much longer.
  static constexpr Duration kFailure = std::chrono::seconds(1);

  void answered(Instant now, Duration setup);
  /// A try failed, or a link was lost while others were not.
  void failed(Instant now);

  /// Tries that it answered, all in all.
  std::size_t answers() const { return answers_; }
  /// Of its handshakes, recent ones counting most; 0: none yet.
  Duration setup() const { return setup_; }
  /// Share of failures, 0 to 1.
  double loss() const;
  /// Handshake time, and more for failures. Lower is better; only to compare those that answered.
  Duration cost() const;

 private:
  void decay(Instant now);

  std::size_t answers_ = 0;
  Duration setup_{};
  double good_ = 0;
  double bad_ = 0;
  Instant as_of_{};
};

}  // namespace thicket::node
