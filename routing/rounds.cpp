#include "routing/rounds.hpp"

#include <algorithm>

namespace thicket::routing {

Rounds::Rounds(Duration interval, Random& random, Instant now)
    : interval_(interval), last_(now), origin_(now) {
  if (!regular()) return;
  origin_ += Duration(random.below(static_cast<std::uint64_t>(interval_.count())));
}

Instant Rounds::first_from(Instant at) const {
  if (!regular()) return at;
  const Instant earliest = std::max(at, last_ + Duration(1));
  if (earliest <= origin_) return origin_;
  const auto rounds = (earliest - origin_ + interval_ - Duration(1)) / interval_;
  return origin_ + rounds * interval_;
}

}  // namespace thicket::routing
