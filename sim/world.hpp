#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/result.hpp"
#include "sim/churn.hpp"
#include "sim/link_failures.hpp"
#include "sim/link_outages.hpp"
#include "sim/mobility.hpp"
#include "sim/partition.hpp"
#include "sim/scenario.hpp"
#include "sim/simulation.hpp"
#include "sim/traffic.hpp"

namespace thicket::sim {

/// A scenario come to life: the simulation, its nodes and links, and what happens to them. Whoever
/// owns it lets time pass.
class World {
 public:
  /// Builds all nodes and links; none runs yet. Fails with a sentence: a file that cannot be read,
  /// a topology that is impossible.
  static Result<std::unique_ptr<World>, std::string> build(const Scenario& scenario);

  Simulation& simulation() { return simulation_; }
  const Simulation& simulation() const { return simulation_; }
  const Scenario& scenario() const { return scenario_; }
  /// Where nodes are now; empty if they are in no place.
  const std::vector<Position>& positions() const;
  /// "random-tree", the name of a file, or "mobility".
  std::string topology() const;
  /// The node that takes over as root, if the scenario has one: the last.
  std::optional<NodeIndex> usurper() const;

  /// Starts the nodes, at once or one after the other.
  void start();
  /// The warm-up is over: from now on, the scenario happens, and nothing new from `end` on; the
  /// last pings have time to be answered by then. `ping` sends one.
  void begin(Instant end, std::function<void(NodeIndex, NodeIndex)> ping);

 private:
  explicit World(const Scenario& scenario);
  Result<void, std::string> build_network();
  void add_nodes(std::size_t nodes);
  void add_links(const Graph& graph);
  void link_usurper();
  void begin_traffic(Instant end, std::function<void(NodeIndex, NodeIndex)> ping);
  Prng stream(std::uint64_t label) const;

  Scenario scenario_;
  Simulation simulation_;
  LinkOutages outages_;
  std::size_t ordinary_nodes_ = 0;
  std::vector<Position> positions_;
  std::optional<MobilityProcess> mobility_;
  std::optional<ChurnProcess> churn_;
  std::optional<PartitionProcess> partition_;
  std::deque<LinkFailureProcess> link_failures_;
  std::optional<PairProcess> traffic_;
  std::optional<PairProcess> lookups_;
};

}  // namespace thicket::sim
