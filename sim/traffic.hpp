#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "sim/paced.hpp"
#include "sim/zipf_distribution.hpp"

namespace thicket::sim {

/// Draws pairs of different running nodes.
class PairSource {
 public:
  /// Of nodes 0 … `nodes` - 1. With an exponent, a pair's second node is drawn by Zipf's law.
  PairSource(const Simulation& simulation, std::size_t nodes,
             std::optional<std::uint32_t> zipf_exponent_permille, Prng random);
  /// nullopt: fewer than two run.
  std::optional<std::pair<NodeIndex, NodeIndex>> draw();

 private:
  std::optional<NodeIndex> draw_node(const std::function<NodeIndex()>& candidate, NodeIndex but);

  const Simulation& simulation_;
  std::size_t nodes_;
  Prng random_;
  std::vector<NodeIndex> by_rank_;  ///< of how much they are asked for
  std::optional<ZipfDistribution> zipf_;
};

/// Does something with pairs of running nodes, again and again: pings, or lookups.
class PairProcess {
 public:
  using Action = std::function<void(NodeIndex, NodeIndex)>;
  PairProcess(Simulation& simulation, const Pace& pace, Duration round, PairSource pairs,
              Prng random, Action action);
  /// See Paced.
  void begin(Instant end, bool endless);

 private:
  PairSource pairs_;
  Action action_;
  Paced paced_;
};

}  // namespace thicket::sim
