#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "crypto/public_key.hpp"
#include "sim/graph.hpp"

namespace thicket::sim {

/// The tree that the protocol makes of a graph where all links are alike: its root is the node with
/// the lowest key, every other node hangs below the peer that is nearest to the root (of several,
/// that with the lowest key). And greedy routing over it (wire.md §4). Nodes in other pieces of the
/// graph are not in it.
class SpanningTree {
 public:
  /// `keys`: one a node. Both must outlive it.
  SpanningTree(const Graph& graph, std::span<const PublicKey> keys);

  std::uint32_t root() const { return root_; }
  bool contains(std::uint32_t node) const { return node == root_ || parent_[node] != node; }
  /// The root is its own.
  std::uint32_t parent(std::uint32_t node) const { return parent_[node]; }
  std::uint32_t depth(std::uint32_t node) const { return depth_[node]; }
  /// Nodes, each behind its parent, the root first.
  const std::vector<std::uint32_t>& order() const { return order_; }
  const Adjacency& adjacency() const { return adjacency_; }
  /// Steps along the tree. Both must be in it, here and below.
  std::uint32_t distance(std::uint32_t a, std::uint32_t b) const;
  /// Links that a frame takes which every node hands to the peer with the least distance.
  std::uint32_t greedy_hops(std::uint32_t from, std::uint32_t to) const;

 private:
  Adjacency adjacency_;
  std::uint32_t root_ = 0;
  std::vector<std::uint32_t> parent_;
  std::vector<std::uint32_t> depth_;
  std::vector<std::uint32_t> order_;
};

}  // namespace thicket::sim
