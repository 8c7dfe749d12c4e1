#include "sim/graph.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "crypto/invariant.hpp"

namespace thicket::sim {

namespace {

auto ends(const Edge& edge) {
  return std::pair(edge.a, edge.b);
}

}  // namespace

void normalise(Graph& graph) {
  auto& edges = graph.edges;
  for (Edge& edge : edges) {
    INVARIANT(edge.a < graph.nodes && edge.b < graph.nodes);
    if (edge.a > edge.b) std::swap(edge.a, edge.b);
  }
  std::erase_if(edges, [](const Edge& edge) { return edge.a == edge.b; });
  // Of equal links those with a latency come first, in the order they had.
  std::ranges::stable_sort(edges, [](const Edge& x, const Edge& y) {
    return std::tuple(x.a, x.b, !x.latency) < std::tuple(y.a, y.b, !y.latency);
  });
  const auto are_equal = [](const Edge& x, const Edge& y) { return ends(x) == ends(y); };
  edges.erase(std::unique(edges.begin(), edges.end(), are_equal), edges.end());
}

bool is_normal(const Graph& graph) {
  const auto& edges = graph.edges;
  return std::ranges::all_of(
             edges, [&](const Edge& edge) { return edge.a < edge.b && edge.b < graph.nodes; }) &&
         std::ranges::adjacent_find(edges, std::ranges::greater_equal{}, ends) == edges.end() &&
         (graph.positions.empty() || graph.positions.size() == graph.nodes);
}

Adjacency::Adjacency(const Graph& graph)
    : first_(graph.nodes + 1), neighbours_(2 * graph.edges.size()) {
  for (const Edge& edge : graph.edges) {
    ++first_[edge.a + 1];
    ++first_[edge.b + 1];
  }
  for (std::size_t i = 1; i < first_.size(); ++i) first_[i] += first_[i - 1];
  std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
  // In the order of edges a node meets its lower neighbours first, then the higher ones.
  std::uint32_t index = 0;
  for (const Edge& edge : graph.edges) {
    neighbours_[next[edge.a]++] = {edge.b, index};
    neighbours_[next[edge.b]++] = {edge.a, index};
    ++index;
  }
}

}  // namespace thicket::sim
