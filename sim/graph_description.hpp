#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

#include "sim/graph.hpp"

namespace thicket::sim {

/// What a graph is like, in figures. Those of an empty graph are 0.
struct GraphDescription {
  std::size_t nodes = 0;
  std::size_t edges = 0;
  std::size_t components = 0;
  std::size_t degree_min = 0;
  double degree_mean = 0;
  std::size_t degree_max = 0;
  std::map<std::size_t, std::size_t> degree_histogram;  ///< degree → nodes that have it
  /// The longest shortest path in hops, over all pairs of nodes that reach each other.
  std::uint32_t diameter = 0;
  /// false: the graph is large, `diameter` is a lower bound, found by two searches in the largest
  /// component, and `distance_mean` is that of a sample.
  bool distances_exact = true;
  /// The mean of the shortest paths in hops, over all pairs of nodes that reach each other.
  double distance_mean = 0;
  /// The mean over all nodes of the share of pairs of neighbours that are linked to each other; 0
  /// for a node with fewer than two.
  double clustering = 0;
};

/// Graphs of at most this many nodes are searched from every node.
constexpr std::size_t kMaxExactNodes = 2000;

/// Takes time in proportion to the size of the graph for large graphs.
GraphDescription describe(const Graph& graph);

}  // namespace thicket::sim
