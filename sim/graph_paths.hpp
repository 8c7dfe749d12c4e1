#pragma once

#include <cstdint>
#include <vector>

#include "sim/graph.hpp"

namespace thicket::sim {

/// The distance in hops to a node that cannot be reached.
constexpr std::uint32_t kUnreachableHops = UINT32_MAX;
/// The distance in latency to a node that cannot be reached.
constexpr Duration kUnreachableLatency = Duration::max();

/// The fewest hops from `from` to every node (breadth-first search).
std::vector<std::uint32_t> hop_distances(const Adjacency& adjacency, std::uint32_t from);

/// The least sum of latencies on a path from `from` to every node (Dijkstra's algorithm). Links
/// without a latency count as `default_latency`. `adjacency` must be that of `graph`.
std::vector<Duration> latency_distances(const Graph& graph, const Adjacency& adjacency,
                                        std::uint32_t from, Duration default_latency);

}  // namespace thicket::sim
