#include "sim/graph_components.hpp"

#include <algorithm>

#include "crypto/invariant.hpp"
#include "sim/cell_grid.hpp"
#include "sim/disjoint_sets.hpp"

namespace thicket::sim {

namespace {

std::vector<std::vector<std::uint32_t>> members_of(const Components& all) {
  std::vector<std::vector<std::uint32_t>> members(all.count());
  for (std::uint32_t node = 0; node < all.of_node.size(); ++node) {
    members[all.of_node[node]].push_back(node);
  }
  return members;
}

void connect_at_random(Graph& graph, Prng& prng) {
  const auto members = members_of(components(graph));
  std::vector<std::uint32_t> joined = members.front();
  for (std::size_t i = 1; i < members.size(); ++i) {
    const auto& next = members[i];
    const std::uint32_t from = next[prng.below(next.size())];
    const std::uint32_t to = joined[prng.below(joined.size())];
    graph.edges.push_back({from, to, std::nullopt});
    joined.insert(joined.end(), next.begin(), next.end());
  }
  normalise(graph);
}

// The shortest link from `members`, all nodes of one component, to a node of another.
Edge shortest_way_out(const CellGrid& grid, const Components& all,
                      const std::vector<std::uint32_t>& members) {
  std::optional<CellGrid::Found> best;
  std::uint32_t best_from = 0;
  for (const std::uint32_t node : members) {
    const auto is_outside = [&](std::uint32_t other) {
      return all.of_node[other] != all.of_node[node];
    };
    const auto found = grid.nearest(node, is_outside, best ? &best->squared_distance : nullptr);
    if (!found) continue;
    best = found;
    best_from = node;
  }
  INVARIANT(best.has_value());
  return {best_from, best->node, std::nullopt};
}

// Borůvka's algorithm: every round at least halves the number of components.
void connect_nearest(Graph& graph) {
  const CellGrid grid(graph.positions, 1);
  for (;;) {
    const Components all = components(graph);
    if (all.count() <= 1) return;
    const auto members = members_of(all);
    DisjointSets sets(all.count());
    for (std::uint32_t i = 0; i < members.size(); ++i) {
      if (i == all.largest()) continue;  // it would cost the most, and the others come to it
      const Edge edge = shortest_way_out(grid, all, members[i]);
      if (sets.join(all.of_node[edge.a], all.of_node[edge.b])) graph.edges.push_back(edge);
    }
    normalise(graph);
  }
}

}  // namespace

std::uint32_t Components::largest() const {
  INVARIANT(!sizes.empty());
  return static_cast<std::uint32_t>(std::ranges::max_element(sizes) - sizes.begin());
}

Components components(const Graph& graph) {
  DisjointSets sets(graph.nodes);
  for (const Edge& edge : graph.edges) sets.join(edge.a, edge.b);
  constexpr std::uint32_t kNone = UINT32_MAX;
  std::vector<std::uint32_t> number(graph.nodes, kNone);
  Components result;
  result.of_node.reserve(graph.nodes);
  for (std::uint32_t node = 0; node < graph.nodes; ++node) {
    std::uint32_t& of_set = number[sets.find(node)];
    if (of_set == kNone) {
      of_set = static_cast<std::uint32_t>(result.sizes.size());
      result.sizes.push_back(0);
    }
    result.of_node.push_back(of_set);
    ++result.sizes[of_set];
  }
  return result;
}

Graph largest_component(const Graph& graph) {
  if (graph.nodes == 0) return {};
  const Components all = components(graph);
  const std::uint32_t kept = all.largest();
  Graph result;
  std::vector<std::uint32_t> new_index(graph.nodes);
  for (std::uint32_t node = 0; node < graph.nodes; ++node) {
    if (all.of_node[node] != kept) continue;
    new_index[node] = static_cast<std::uint32_t>(result.nodes++);
    if (!graph.positions.empty()) result.positions.push_back(graph.positions[node]);
  }
  for (const Edge& edge : graph.edges) {
    if (all.of_node[edge.a] != kept) continue;
    result.edges.push_back({new_index[edge.a], new_index[edge.b], edge.latency});
  }
  return result;
}

void connect_components(Graph& graph, Prng& prng) {
  if (graph.nodes == 0) return;
  if (graph.positions.empty()) {
    connect_at_random(graph, prng);
  } else {
    connect_nearest(graph);
  }
}

}  // namespace thicket::sim
