#pragma once

#include <cstdint>
#include <vector>

#include "sim/simulation.hpp"

namespace thicket::sim {

/// The spanning tree at a moment, as the nodes themselves see it.
class TreeView {
 public:
  explicit TreeView(const Simulation& simulation);

  /// The node itself for a root; kNoNode if the node is not running or its parent is unknown.
  NodeIndex parent(NodeIndex node) const { return parent_[node]; }
  /// Nodes in the subtree of a node, itself included; 0 for one that is not running or on a loop.
  std::uint32_t subtree_size(NodeIndex node) const { return size_[node]; }
  /// Whether `node` is in the subtree of `top`.
  bool below(NodeIndex node, NodeIndex top) const;
  /// How many pairs of other nodes have the node on their path in the tree.
  std::uint64_t pairs_through(NodeIndex node) const { return pairs_through_[node]; }

 private:
  std::vector<NodeIndex> parent_;
  std::vector<std::uint32_t> size_;
  std::vector<std::uint64_t> pairs_through_;
};

/// The running node with the lowest key; kNoNode: none runs.
NodeIndex lowest_running(const Simulation& simulation);

}  // namespace thicket::sim
