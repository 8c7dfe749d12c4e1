#pragma once

#include "crypto/random.hpp"
#include "crypto/time.hpp"

namespace thicket::routing {

/// The moments at which maintenance may take place: any, or those of a regular beat.
class Rounds {
 public:
  /// An `interval` of 0 allows any moment. The beat's phase is drawn from `random`.
  Rounds(Duration interval, Random& random, Instant now);

  bool regular() const { return interval_ > Duration::zero(); }
  /// When what is wanted at `at` can be done: not before, and not in the round done last.
  Instant first_from(Instant at) const;
  void done(Instant now) { last_ = now; }

 private:
  Duration interval_;
  Instant last_;
  Instant origin_;  ///< one moment of the beat
};

}  // namespace thicket::routing
