#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "crypto/time.hpp"
#include "transport/links.hpp"

namespace thicket::node {

/// Bytes per second on each link, measured between the last two samples.
class PeerRates {
 public:
  static constexpr Duration kInterval = std::chrono::seconds(1);

  struct Rate {
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
  };

  Instant next_sample() const { return next_sample_; }
  void sample(Instant now, const std::vector<transport::PeerStatus>& peers);
  Rate rate_of(routing::LinkId link) const;

 private:
  struct Sample {
    std::uint64_t received = 0;
    std::uint64_t sent = 0;
    Rate rate;
  };
  std::map<routing::LinkId, Sample> samples_;
  Instant last_sample_{};
  Instant next_sample_{};
};

}  // namespace thicket::node
