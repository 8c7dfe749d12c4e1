#include "sim/tree_view.hpp"

namespace thicket::sim {

TreeView::TreeView(const Simulation& simulation)
    : parent_(simulation.nodes(), kNoNode),
      size_(simulation.nodes()),
      pairs_through_(simulation.nodes()) {
  const auto nodes = static_cast<NodeIndex>(simulation.nodes());
  std::vector<std::uint32_t> children(nodes);
  for (NodeIndex node = 0; node < nodes; ++node) {
    if (!simulation.running(node)) continue;
    parent_[node] = simulation.find(simulation.router(node).parent()).value_or(kNoNode);
    if (parent_[node] != kNoNode && parent_[node] != node) ++children[parent_[node]];
  }
  // Leaves first; what is on a loop never comes up.
  std::vector<NodeIndex> order;
  for (NodeIndex node = 0; node < nodes; ++node) {
    if (parent_[node] != kNoNode && children[node] == 0) order.push_back(node);
  }
  for (std::size_t i = 0; i < order.size(); ++i) {
    const NodeIndex node = order[i];
    const NodeIndex parent = parent_[node];
    ++size_[node];
    if (parent == node) continue;
    size_[parent] += size_[node];
    if (--children[parent] == 0 && parent_[parent] != kNoNode) order.push_back(parent);
  }
  // A pair passes a node unless both are in the same branch: in one child's subtree, or above it.
  std::vector<NodeIndex> root(nodes, kNoNode);
  for (auto node = order.rbegin(); node != order.rend(); ++node) {
    const NodeIndex parent = parent_[*node];
    root[*node] = parent == *node ? *node : root[parent];
    if (root[*node] == kNoNode) continue;
    const std::uint64_t total = size_[root[*node]];
    const std::uint64_t above = total - size_[*node];
    pairs_through_[*node] += (total - 1) * (total - 1) - above * above;
    if (parent != *node) pairs_through_[parent] -= std::uint64_t{size_[*node]} * size_[*node];
  }
  for (std::uint64_t& pairs : pairs_through_) pairs /= 2;
}

bool TreeView::below(NodeIndex node, NodeIndex top) const {
  for (std::size_t steps = 0; steps < parent_.size(); ++steps) {
    if (node == top) return true;
    if (node == kNoNode || parent_[node] == node) return false;
    node = parent_[node];
  }
  return false;
}

NodeIndex lowest_running(const Simulation& simulation) {
  NodeIndex lowest = kNoNode;
  for (NodeIndex node = 0; node < simulation.nodes(); ++node) {
    if (!simulation.running(node)) continue;
    if (lowest == kNoNode || simulation.key(node) < simulation.key(lowest)) lowest = node;
  }
  return lowest;
}

}  // namespace thicket::sim
