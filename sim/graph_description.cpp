#include "sim/graph_description.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "sim/graph_components.hpp"
#include "sim/graph_paths.hpp"

namespace thicket::sim {

namespace {

constexpr std::size_t kSamples = 64;  // searches for the mean distance in a large graph

void describe_degrees(const Adjacency& adjacency, GraphDescription& out) {
  for (std::uint32_t node = 0; node < adjacency.nodes(); ++node) {
    ++out.degree_histogram[adjacency.degree(node)];
  }
  out.degree_min = out.degree_histogram.begin()->first;
  out.degree_max = out.degree_histogram.rbegin()->first;
  out.degree_mean = 2.0 * static_cast<double>(out.edges) / static_cast<double>(out.nodes);
}

// The first of the nodes that are farthest away, and how far.
std::pair<std::uint32_t, std::uint32_t> farthest(const std::vector<std::uint32_t>& distances) {
  std::pair<std::uint32_t, std::uint32_t> best{0, 0};
  for (std::uint32_t node = 0; node < distances.size(); ++node) {
    const std::uint32_t hops = distances[node];
    if (hops != kUnreachableHops && hops > best.second) best = {node, hops};
  }
  return best;
}

// Searches from every stride-th node; the diameter is the longest path that turns up.
void describe_distances(const Adjacency& adjacency, std::size_t stride, GraphDescription& out) {
  std::uint64_t sum = 0;
  std::uint64_t pairs = 0;
  for (std::size_t from = 0; from < adjacency.nodes(); from += stride) {
    for (const std::uint32_t hops : hop_distances(adjacency, static_cast<std::uint32_t>(from))) {
      if (hops == kUnreachableHops || hops == 0) continue;
      sum += hops;
      ++pairs;
      out.diameter = std::max(out.diameter, hops);
    }
  }
  if (pairs != 0) out.distance_mean = static_cast<double>(sum) / static_cast<double>(pairs);
}

// Double sweep: from the node farthest from somewhere it is usually the diameter to the farthest.
void sweep_twice(const Adjacency& adjacency, const Components& all, GraphDescription& out) {
  const auto start = std::ranges::find(all.of_node, all.largest()) - all.of_node.begin();
  const auto distances = hop_distances(adjacency, static_cast<std::uint32_t>(start));
  auto [node, hops] = farthest(distances);
  if (hops == 0) return;
  hops = farthest(hop_distances(adjacency, node)).second;
  out.diameter = std::max(out.diameter, hops);
}

// Every link of a node that points away from it: all point to the end of higher degree, so that no
// node has many, not even in a star.
std::vector<std::vector<std::uint32_t>> upward_links(const Adjacency& adjacency) {
  const auto rank = [&](std::uint32_t node) { return std::pair(adjacency.degree(node), node); };
  std::vector<std::vector<std::uint32_t>> links(adjacency.nodes());
  for (std::uint32_t node = 0; node < adjacency.nodes(); ++node) {
    for (const Neighbour& next : adjacency.of(node)) {
      if (rank(node) < rank(next.node)) links[node].push_back(next.node);
    }
  }
  return links;
}

// Node → triangles it is part of.
std::vector<std::uint64_t> triangles(const Adjacency& adjacency) {
  const auto upward = upward_links(adjacency);
  std::vector<std::uint64_t> count(adjacency.nodes());
  std::vector<bool> marked(adjacency.nodes());
  for (std::uint32_t a = 0; a < adjacency.nodes(); ++a) {
    for (const std::uint32_t b : upward[a]) marked[b] = true;
    for (const std::uint32_t b : upward[a]) {
      for (const std::uint32_t c : upward[b]) {
        if (!marked[c]) continue;
        ++count[a];
        ++count[b];
        ++count[c];
      }
    }
    for (const std::uint32_t b : upward[a]) marked[b] = false;
  }
  return count;
}

double clustering_of(const Adjacency& adjacency) {
  const auto count = triangles(adjacency);
  double sum = 0;
  for (std::uint32_t node = 0; node < adjacency.nodes(); ++node) {
    const auto degree = static_cast<double>(adjacency.degree(node));
    if (degree < 2) continue;
    sum += 2 * static_cast<double>(count[node]) / (degree * (degree - 1));
  }
  return sum / static_cast<double>(adjacency.nodes());
}

}  // namespace

GraphDescription describe(const Graph& graph) {
  GraphDescription out;
  out.nodes = graph.nodes;
  out.edges = graph.edges.size();
  if (graph.nodes == 0) return out;
  const Adjacency adjacency(graph);
  const Components all = components(graph);
  out.components = all.count();
  describe_degrees(adjacency, out);
  out.distances_exact = graph.nodes <= kMaxExactNodes;
  describe_distances(adjacency, out.distances_exact ? 1 : graph.nodes / kSamples, out);
  if (!out.distances_exact) sweep_twice(adjacency, all, out);
  out.clustering = clustering_of(adjacency);
  return out;
}

}  // namespace thicket::sim
