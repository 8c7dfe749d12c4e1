#include <fmt/format.h>

#include "sim/position.hpp"
#include "sim/topology_kinds.hpp"

namespace thicket::sim {

GeneratedGraph make_line(const TopologyOptions& options, Prng&) {
  Graph graph{options.nodes, {}, {}};
  for (std::uint32_t node = 1; node < options.nodes; ++node) {
    graph.edges.push_back({node - 1, node, std::nullopt});
  }
  return graph;
}

GeneratedGraph make_ring(const TopologyOptions& options, Prng& prng) {
  if (options.nodes < 3) {
    return failure(fmt::format("ring needs at least 3 nodes, got {}", options.nodes));
  }
  auto graph = make_line(options, prng);
  graph->edges.push_back({0, static_cast<std::uint32_t>(options.nodes - 1), std::nullopt});
  return graph;
}

GeneratedGraph make_grid(const TopologyOptions& options, Prng&) {
  std::size_t columns = options.columns;
  if (columns > options.nodes) {
    return failure(fmt::format("grid of {} columns needs at least as many nodes, got {}", columns,
                               options.nodes));
  }
  if (columns == 0) columns = integer_sqrt(options.nodes - 1) + 1;
  if (options.nodes == 1) columns = 1;
  if (const auto ok = check_edge_count("grid", 2 * options.nodes - columns); !ok) {
    return failure(ok.error());
  }
  Graph graph{options.nodes, {}, {}};
  for (std::size_t node = 0; node < options.nodes; ++node) {
    const auto index = static_cast<std::uint32_t>(node);
    if (node % columns != 0) graph.edges.push_back({index - 1, index, std::nullopt});
    if (node < columns) continue;
    graph.edges.push_back({static_cast<std::uint32_t>(node - columns), index, std::nullopt});
  }
  return graph;
}

GeneratedGraph make_random_tree(const TopologyOptions& options, Prng& prng) {
  Graph graph{options.nodes, {}, {}};
  if (options.nodes == 1) return graph;
  // A Prüfer sequence: any of them stands for exactly one tree.
  std::vector<std::uint32_t> sequence(options.nodes - 2);
  std::vector<std::uint32_t> degree(options.nodes, 1);
  for (std::uint32_t& node : sequence) {
    node = static_cast<std::uint32_t>(prng.below(options.nodes));
    ++degree[node];
  }
  // The lowest leaf is either the first one from `next` on, or the one that came up below it.
  std::uint32_t next = 0;
  while (degree[next] != 1) ++next;
  std::uint32_t leaf = next;
  for (const std::uint32_t node : sequence) {
    graph.edges.push_back({leaf, node, std::nullopt});
    if (--degree[node] == 1 && node < next) {
      leaf = node;
      continue;
    }
    do ++next;
    while (degree[next] != 1);
    leaf = next;
  }
  graph.edges.push_back({leaf, static_cast<std::uint32_t>(options.nodes - 1), std::nullopt});
  return graph;
}

}  // namespace thicket::sim
