#include "routing/link_queue_codel.hpp"

#include <cmath>

namespace thicket::routing {

namespace {

Duration until_next_drop(Duration interval, std::uint32_t drops) {
  const double wait = static_cast<double>(interval.count()) / std::sqrt(static_cast<double>(drops));
  return Duration(static_cast<Duration::rep>(wait));
}

}  // namespace

bool CoDel::stands(Instant now, Duration waited, Duration target, Duration interval) {
  if (waited < target) {
    tolerated_until_.reset();
    return false;
  }
  if (!tolerated_until_) tolerated_until_ = now + interval;
  return now >= *tolerated_until_;
}

bool CoDel::drops(Instant now, Duration waited, Duration target, Duration interval) {
  if (!stands(now, waited, target, interval)) {
    dropping_ = false;
    return false;
  }
  if (!dropping_) {
    // Soon after the last spell, go on at the rate that helped then.
    const bool again = drops_ > 2 && now - next_drop_ < 16 * interval;
    drops_ = again ? drops_ - 2 : 1;
    next_drop_ = now + until_next_drop(interval, drops_);
    dropping_ = true;
    return true;
  }
  if (now < next_drop_) return false;
  ++drops_;
  next_drop_ += until_next_drop(interval, drops_);
  return true;
}

}  // namespace thicket::routing
