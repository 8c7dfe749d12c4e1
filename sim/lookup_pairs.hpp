#pragma once

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "sim/disjoint_sets.hpp"
#include "sim/prng.hpp"
#include "sim/simulation.hpp"

namespace thicket::sim {

/// Draws who looks up whom, and knows who could reach whom. Make it before nodes come and go.
class LookupPairs final : public Observer {
 public:
  /// Hostile nodes are neither. `simulation` must outlive it.
  LookupPairs(const Simulation& simulation, std::vector<bool> hostile, Prng random);

  /// Two honest nodes that run and are joined by links, the second for at least `age`; no pair
  /// twice. nullopt: none was found in many draws.
  std::optional<std::pair<NodeIndex, NodeIndex>> draw(Duration age);
  /// Whether links that work lead from one to the other now, over nodes that run.
  bool joined(NodeIndex a, NodeIndex b);

  void node_started(Time now, NodeIndex node) override;
  void node_stopped(Time now, NodeIndex node) override;
  void link_changed(Time now, LinkIndex link) override;

 private:
  const Simulation& simulation_;
  std::vector<bool> hostile_;
  Prng random_;
  std::vector<std::optional<Instant>> since_;  ///< none: since before we were there
  std::set<std::pair<NodeIndex, NodeIndex>> drawn_;
  std::optional<DisjointSets> pieces_;  ///< none: to be worked out again
};

}  // namespace thicket::sim
