#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sim/simulation.hpp"

namespace thicket::sim {

/// The shortest ways through a network as it is now: over links that are usable and connected.
/// Remembers what it found until told that the network changed.
class ShortestPaths {
 public:
  struct Distance {
    std::uint32_t hops = 0;
    Duration latency{};  ///< of the quickest way, which may be another one
  };

  /// `simulation` must outlive it.
  explicit ShortestPaths(const Simulation& simulation) : simulation_(simulation) {}

  /// nullopt: there is no way.
  std::optional<Distance> between(NodeIndex from, NodeIndex to);
  /// A node or a link came, went or changed.
  void forget() { from_.clear(); }

 private:
  struct FromSource {
    std::vector<std::uint32_t> hops;
    std::vector<Duration> latency;
  };
  template <class Visit>
  void for_each_neighbour(NodeIndex node, const Visit& visit) const;
  std::vector<std::uint32_t> hops_from(NodeIndex source) const;
  std::vector<Duration> latencies_from(NodeIndex source) const;

  const Simulation& simulation_;
  std::map<NodeIndex, FromSource> from_;
};

}  // namespace thicket::sim
