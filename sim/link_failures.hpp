#pragma once

#include <vector>

#include "sim/link_outages.hpp"
#include "sim/prng.hpp"
#include "sim/scenario_disturbances.hpp"

namespace thicket::sim {

/// Makes random links fail, and work again.
class LinkFailureProcess {
 public:
  LinkFailureProcess(Simulation& simulation, LinkOutages& outages, const LinkFailure& options,
                     Prng random);

  /// Times of the options count from now; nothing fails from `end` on.
  void begin(Instant end);

 private:
  void fail();
  Outage how();

  Simulation& simulation_;
  LinkOutages& outages_;
  LinkFailure options_;
  Prng random_;
  Instant end_{};
  std::uint32_t times_left_;
};

}  // namespace thicket::sim
