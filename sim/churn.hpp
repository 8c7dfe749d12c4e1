#pragma once

#include <vector>

#include "sim/prng.hpp"
#include "sim/scenario_disturbances.hpp"
#include "sim/simulation.hpp"

namespace thicket::sim {

/// Makes nodes come and go. Must outlive the simulation's running.
class ChurnProcess {
 public:
  /// Of nodes 0 … `nodes` - 1, the share that takes part is drawn.
  ChurnProcess(Simulation& simulation, const Churn& options, std::size_t nodes, Prng random);

  /// Times of the options count from now; nothing happens from `end` on.
  void begin(Instant end);
  const std::vector<NodeIndex>& members() const { return members_; }

 private:
  void live(std::size_t member);
  void end_life(std::size_t member);
  void end_all();

  Simulation& simulation_;
  Churn options_;
  std::vector<NodeIndex> members_;
  std::vector<Prng> random_;  ///< one for each member, so that members do not depend on each other
  Instant end_{};
};

}  // namespace thicket::sim
