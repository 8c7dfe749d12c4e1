#include "sim/lookup_pairs.hpp"

namespace thicket::sim {

namespace {

constexpr std::size_t kDraws = 10'000;

}  // namespace

LookupPairs::LookupPairs(const Simulation& simulation, std::vector<bool> hostile, Prng random)
    : simulation_(simulation),
      hostile_(std::move(hostile)),
      random_(random),
      since_(simulation.nodes()) {}

std::optional<std::pair<NodeIndex, NodeIndex>> LookupPairs::draw(Duration age) {
  const std::size_t nodes = simulation_.nodes();
  if (nodes < 2) return std::nullopt;
  for (std::size_t i = 0; i < kDraws; ++i) {
    const auto from = static_cast<NodeIndex>(random_.below(nodes));
    const auto to = static_cast<NodeIndex>(random_.below(nodes));
    if (from == to || hostile_[from] || hostile_[to]) continue;
    if (!simulation_.running(from) || !simulation_.running(to)) continue;
    if (since_[to] && simulation_.now().steady < *since_[to] + age) continue;
    if (drawn_.contains({from, to}) || !joined(from, to)) continue;
    drawn_.insert({from, to});
    return std::pair(from, to);
  }
  return std::nullopt;
}

bool LookupPairs::joined(NodeIndex a, NodeIndex b) {
  if (!pieces_) {
    pieces_.emplace(simulation_.nodes());
    for (LinkIndex link = 0; link < simulation_.links(); ++link) {
      if (!simulation_.usable(link) || !simulation_.connected(link)) continue;
      const auto& ends = simulation_.link(link).ends;
      pieces_->join(ends[0], ends[1]);
    }
  }
  return pieces_->find(a) == pieces_->find(b);
}

void LookupPairs::node_started(Time now, NodeIndex node) {
  since_[node] = now.steady;
  pieces_.reset();
}

void LookupPairs::node_stopped(Time, NodeIndex) {
  pieces_.reset();
}

void LookupPairs::link_changed(Time, LinkIndex) {
  pieces_.reset();
}

}  // namespace thicket::sim
