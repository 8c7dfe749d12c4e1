#include "node/public_peers/peer_score.hpp"

#include <chrono>
#include <cmath>

namespace thicket::node {

namespace {

// How much of the smoothed handshake time is the newest one's.
constexpr double kNewest = 0.3;

using Seconds = std::chrono::duration<double>;

Duration from_seconds(double seconds) {
  return std::chrono::duration_cast<Duration>(Seconds(seconds));
}

}  // namespace

void PeerScore::answered(Instant now, Duration setup) {
  decay(now);
  good_ += 1;
  const double before = Seconds(setup_).count();
  const double newest = Seconds(setup).count();
  setup_ = answers_ == 0 ? setup : from_seconds(before + kNewest * (newest - before));
  ++answers_;
}

void PeerScore::failed(Instant now) {
  decay(now);
  bad_ += 1;
}

double PeerScore::loss() const {
  return bad_ / (good_ + bad_ + kGoodFaith);
}

Duration PeerScore::cost() const {
  return setup_ + from_seconds(Seconds(kFailure).count() * loss());
}

void PeerScore::decay(Instant now) {
  if (now <= as_of_) return;
  const double share = std::exp2(-(Seconds(now - as_of_) / Seconds(kHalfLife)));
  good_ *= share;
  bad_ *= share;
  as_of_ = now;
}

}  // namespace thicket::node
