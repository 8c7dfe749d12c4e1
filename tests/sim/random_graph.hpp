#pragma once

#include <rapidcheck.h>

#include <algorithm>

#include "sim/graph.hpp"

namespace thicket::sim::test {

/// Any normal graph of 1 … 12 nodes, some links with latencies; no positions.
inline Graph random_graph() {
  Graph graph;
  graph.nodes = *rc::gen::inRange<std::size_t>(1, 13);
  const auto count = *rc::gen::inRange<std::size_t>(0, 25);
  const auto node = rc::gen::inRange<std::uint32_t>(0, static_cast<std::uint32_t>(graph.nodes));
  for (std::size_t i = 0; i < count; ++i) {
    Edge edge{*node, *node, std::nullopt};
    const auto latency = *rc::gen::inRange(0, 40);
    if (latency != 0) edge.latency = Duration(latency);
    graph.edges.push_back(edge);
  }
  normalise(graph);
  return graph;
}

/// Positions for all nodes, close enough together that some coincide.
inline void add_random_positions(Graph& graph) {
  const auto coordinate = rc::gen::inRange<std::int64_t>(-20, 21);
  for (std::size_t i = 0; i < graph.nodes; ++i) {
    graph.positions.push_back({*coordinate, *coordinate});
  }
}

/// Latencies between all pairs by the definition (Floyd and Warshall); kNever: unreachable.
constexpr std::int64_t kNever = 1'000'000'000;
inline std::vector<std::vector<std::int64_t>> all_distances(const Graph& graph, bool by_latency,
                                                            std::int64_t default_latency) {
  const std::size_t n = graph.nodes;
  std::vector<std::vector<std::int64_t>> d(n, std::vector<std::int64_t>(n, kNever));
  for (std::size_t i = 0; i < n; ++i) d[i][i] = 0;
  for (const Edge& edge : graph.edges) {
    const std::int64_t length = !by_latency    ? 1
                                : edge.latency ? edge.latency->count()
                                               : default_latency;
    d[edge.a][edge.b] = d[edge.b][edge.a] = length;
  }
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < n; ++j) d[i][j] = std::min(d[i][j], d[i][k] + d[k][j]);
    }
  }
  for (auto& row : d) {
    for (auto& value : row) value = std::min(value, kNever);
  }
  return d;
}

}  // namespace thicket::sim::test
