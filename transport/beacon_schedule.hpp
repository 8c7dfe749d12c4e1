#pragma once

#include "crypto/random.hpp"
#include "crypto/time.hpp"

namespace thicket::transport {

/// When to send beacons on one interface (wire.md §11): often at first, ever more rarely later.
/// Sans-I/O.
class BeaconSchedule {
 public:
  /// The first gap is between this and twice this.
  static constexpr Duration kFirstGap = std::chrono::seconds(1);
  /// Gaps are never longer than twice this.
  static constexpr Duration kLastGap = std::chrono::milliseconds(7500);
  /// The first beacon comes within this: nodes that get their network at once do not all speak at
  /// once.
  static constexpr Duration kFirstDelay = std::chrono::milliseconds(200);

  /// `random` must outlive the object.
  BeaconSchedule(Random& random, Instant now);

  /// From the beginning: there are links to be found anew.
  void restart(Instant now);
  /// When the next beacon is due.
  Instant next() const { return next_; }
  /// Whether one is due; then the next is planned, counting from `now`.
  bool take(Instant now);

 private:
  Duration up_to(Duration bound);

  Random& random_;
  Duration gap_ = kFirstGap;
  Instant next_;
};

}  // namespace thicket::transport
