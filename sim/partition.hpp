#pragma once

#include <span>
#include <vector>

#include "sim/link_outages.hpp"
#include "sim/position.hpp"
#include "sim/prng.hpp"
#include "sim/scenario_disturbances.hpp"

namespace thicket::sim {

/// Cuts all links between two parts of the network that there are at the time, and heals them.
class PartitionProcess {
 public:
  /// `positions`: of the nodes, or empty; they are looked at when it happens.
  PartitionProcess(Simulation& simulation, LinkOutages& outages, const Partition& options,
                   const std::vector<Position>& positions, Prng random);

  /// Times of the options count from now; nothing happens from `end` on.
  void begin(Instant end);
  /// By node: whether it is in the part that is cut off. Empty before that.
  const std::vector<bool>& part() const { return part_; }
  /// The links that failed, until they are healed.
  const std::vector<LinkIndex>& links() const { return links_; }

 private:
  void divide();
  void heal();
  std::vector<bool> choose();
  std::vector<NodeIndex> by_hops();
  std::vector<bool> by_subtree() const;

  Simulation& simulation_;
  LinkOutages& outages_;
  Partition options_;
  const std::vector<Position>& positions_;
  Prng random_;
  std::vector<bool> part_;
  std::vector<LinkIndex> links_;
};

}  // namespace thicket::sim
