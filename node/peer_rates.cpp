#include "node/peer_rates.hpp"

namespace thicket::node {
namespace {

std::uint64_t per_second(std::uint64_t before, std::uint64_t after, double seconds) {
  if (after <= before || seconds <= 0) return 0;
  return static_cast<std::uint64_t>(static_cast<double>(after - before) / seconds);
}

}  // namespace

void PeerRates::sample(Instant now, const std::vector<transport::PeerStatus>& peers) {
  const double seconds = std::chrono::duration<double>(now - last_sample_).count();
  std::map<routing::LinkId, Sample> next;
  for (const transport::PeerStatus& peer : peers) {
    if (!peer.link) continue;
    Sample sample{peer.bytes_received, peer.bytes_sent, {}};
    const auto before = samples_.find(*peer.link);
    if (before != samples_.end()) {
      sample.rate = {per_second(before->second.received, sample.received, seconds),
                     per_second(before->second.sent, sample.sent, seconds)};
    }
    next.emplace(*peer.link, sample);
  }
  samples_ = std::move(next);
  last_sample_ = now;
  next_sample_ = now + kInterval;
}

PeerRates::Rate PeerRates::rate_of(routing::LinkId link) const {
  const auto sample = samples_.find(link);
  return sample == samples_.end() ? Rate{} : sample->second.rate;
}

}  // namespace thicket::node
