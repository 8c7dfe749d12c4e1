#include "sim/partition.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "sim/tree_view.hpp"

namespace thicket::sim {

PartitionProcess::PartitionProcess(Simulation& simulation, LinkOutages& outages,
                                   const Partition& options, const std::vector<Position>& positions,
                                   Prng random)
    : simulation_(simulation),
      outages_(outages),
      options_(options),
      positions_(positions),
      random_(random) {}

void PartitionProcess::begin(Instant end) {
  const Instant now = simulation_.now().steady;
  if (now + options_.at >= end) return;
  simulation_.after(options_.at, [this] { divide(); });
  if (options_.heal_at && now + *options_.heal_at <= end) {
    simulation_.after(*options_.heal_at, [this] { heal(); });
  }
}

void PartitionProcess::divide() {
  part_ = choose();
  for (LinkIndex link = 0; link < simulation_.links(); ++link) {
    const auto& ends = simulation_.link(link).ends;
    if (part_[ends[0]] == part_[ends[1]]) continue;
    links_.push_back(link);
    outages_.fail(link, options_.silent ? Outage::lose : Outage::cut);
  }
}

void PartitionProcess::heal() {
  for (const LinkIndex link : std::exchange(links_, {})) outages_.mend(link);
}

std::vector<bool> PartitionProcess::choose() {
  if (options_.by == Partition::By::subtree) return by_subtree();
  std::vector<NodeIndex> order(simulation_.nodes());
  std::iota(order.begin(), order.end(), NodeIndex{0});
  switch (options_.by) {
    case Partition::By::region:
      order = by_hops();
      break;
    case Partition::By::place:
      std::ranges::sort(order, {}, [this](NodeIndex node) {
        return std::tuple(positions_[node].x_mm, positions_[node].y_mm, node);
      });
      break;
    default:
      random_.shuffle(std::span(order));
  }
  std::vector<bool> part(order.size());
  const std::size_t size = (order.size() * options_.share_ppm + 999'999) / 1'000'000;
  for (std::size_t i = 0; i < size; ++i) part[order[i]] = true;
  return part;
}

/// All nodes, in the order in which a breadth-first search from a random one comes to them.
std::vector<NodeIndex> PartitionProcess::by_hops() {
  const std::size_t nodes = simulation_.nodes();
  std::vector<bool> seen(nodes);
  std::vector<NodeIndex> order;
  const auto first = static_cast<NodeIndex>(random_.below(nodes));
  for (NodeIndex turn = 0; turn < nodes; ++turn) {
    const auto start = static_cast<NodeIndex>((first + turn) % nodes);
    if (seen[start]) continue;
    seen[start] = true;
    order.push_back(start);
    for (std::size_t next = order.size() - 1; next < order.size(); ++next) {
      for (const LinkIndex link : simulation_.links_of(order[next])) {
        if (!simulation_.link(link).enabled) continue;
        for (const NodeIndex node : simulation_.link(link).ends) {
          if (seen[node]) continue;
          seen[node] = true;
          order.push_back(node);
        }
      }
    }
  }
  return order;
}

std::vector<bool> PartitionProcess::by_subtree() const {
  const TreeView tree(simulation_);
  const std::size_t nodes = simulation_.nodes();
  const std::uint64_t wanted = nodes * options_.share_ppm;
  NodeIndex top = kNoNode;
  std::uint64_t best = ~std::uint64_t{0};
  for (NodeIndex node = 0; node < nodes; ++node) {
    const std::uint64_t size = std::uint64_t{tree.subtree_size(node)} * 1'000'000;
    if (size == 0 || tree.parent(node) == node) continue;  // a whole tree has nothing around it
    const std::uint64_t off = size < wanted ? wanted - size : size - wanted;
    if (off >= best) continue;
    best = off;
    top = node;
  }
  std::vector<bool> part(nodes);
  for (NodeIndex node = 0; node < nodes && top != kNoNode; ++node)
    part[node] = tree.below(node, top);
  return part;
}

}  // namespace thicket::sim
