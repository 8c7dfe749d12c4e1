#include "transport/beacon_schedule.hpp"

#include <algorithm>

namespace thicket::transport {

BeaconSchedule::BeaconSchedule(Random& random, Instant now) : random_(random) {
  restart(now);
}

void BeaconSchedule::restart(Instant now) {
  gap_ = kFirstGap;
  next_ = now + up_to(kFirstDelay);
}

bool BeaconSchedule::take(Instant now) {
  if (now < next_) return false;
  next_ = now + gap_ + up_to(gap_);
  gap_ = std::min(gap_ + gap_ / 4, kLastGap);
  return true;
}

Duration BeaconSchedule::up_to(Duration bound) {
  return Duration(
      static_cast<Duration::rep>(random_.below(static_cast<std::uint64_t>(bound.count()) + 1)));
}

}  // namespace thicket::transport
