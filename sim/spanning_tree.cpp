#include "sim/spanning_tree.hpp"

#include <algorithm>
#include <numeric>

namespace thicket::sim {

SpanningTree::SpanningTree(const Graph& graph, std::span<const PublicKey> keys)
    : adjacency_(graph), parent_(graph.nodes), depth_(graph.nodes) {
  std::iota(parent_.begin(), parent_.end(), std::uint32_t{0});
  if (graph.nodes == 0) return;
  root_ = static_cast<std::uint32_t>(std::ranges::min_element(keys) - keys.begin());
  order_.push_back(root_);
  for (std::size_t i = 0; i < order_.size(); ++i) {
    const std::uint32_t node = order_[i];
    for (const Neighbour& peer : adjacency_.of(node)) {
      if (!contains(peer.node)) {
        parent_[peer.node] = node;
        depth_[peer.node] = depth_[node] + 1;
        order_.push_back(peer.node);
      } else if (depth_[peer.node] == depth_[node] + 1 && keys[node] < keys[parent_[peer.node]]) {
        parent_[peer.node] = node;
      }
    }
  }
}

std::uint32_t SpanningTree::distance(std::uint32_t a, std::uint32_t b) const {
  std::uint32_t steps = 0;
  for (; a != b; ++steps) (depth_[a] < depth_[b] ? b : a) = parent_[depth_[a] < depth_[b] ? b : a];
  return steps;
}

std::uint32_t SpanningTree::greedy_hops(std::uint32_t from, std::uint32_t to) const {
  std::uint32_t hops = 0;
  for (; from != to; ++hops) {
    // The tree itself always has a way that is nearer.
    std::uint32_t best = from;
    std::uint32_t least = distance(from, to);
    for (const Neighbour& peer : adjacency_.of(from)) {
      const std::uint32_t steps = distance(peer.node, to);
      if (steps >= least) continue;
      least = steps;
      best = peer.node;
    }
    from = best;
  }
  return hops;
}

}  // namespace thicket::sim
