#include "sim/convergence.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

namespace thicket::sim {

namespace {

constexpr std::uint64_t kPairStream = 0x636f6e76;  // a stream of its own: nobody is disturbed
constexpr std::size_t kAllPairsUpTo = 64;

/// The hash of a path, such that a child's follows from its parent's and the port.
std::uint64_t extend(std::uint64_t path_hash, std::uint64_t port) {
  std::uint64_t state = path_hash ^ (port * 0x9e3779b97f4a7c15);
  return splitmix64(state);
}

std::uint64_t hash_of(const routing::Path& path) {
  std::uint64_t hash = 0;
  for (const routing::Port port : path) hash = extend(hash, port.value);
  return hash;
}

}  // namespace

Convergence::Convergence(Simulation& simulation, std::size_t sampled_pairs)
    : simulation_(simulation),
      sampled_pairs_(sampled_pairs),
      random_(Prng(simulation.options().seed).fork(kPairStream)) {
  simulation.add_observer(*this);
  note_change(simulation.now());
  for (NodeIndex node = 0; node < simulation.nodes(); ++node) {
    if (simulation.running(node)) node_started(simulation.now(), node);
  }
}

Convergence::~Convergence() {
  simulation_.remove_observer(*this);
}

// --- what changes

void Convergence::note_change(Time now) {
  last_change_ = now.steady;
  ++changes_;
}

Convergence::Place Convergence::place_of(NodeIndex node) const {
  const routing::Router& router = simulation_.router(node);
  Place place;
  place.root = simulation_.find(router.root()).value_or(kNoNode);
  place.parent = simulation_.find(router.parent()).value_or(kNoNode);
  place.path_hash = hash_of(router.coordinates());
  for (const routing::PeerInfo& peer : router.peers()) {
    place.peers.push_back({simulation_.find(peer.key).value_or(kNoNode), peer.on_tree,
                           peer.port.value, hash_of(peer.coordinates)});
  }
  return place;
}

void Convergence::node_started(Time now, NodeIndex node) {
  places_.resize(simulation_.nodes());
  places_[node] = place_of(node);
  note_change(now);
}

void Convergence::node_stopped(Time now, NodeIndex node) {
  places_[node] = {};
  note_change(now);
}

void Convergence::link_changed(Time now, LinkIndex) {
  note_change(now);
}

void Convergence::position_changed(Time now, NodeIndex node) {
  places_.resize(simulation_.nodes());
  Place place = place_of(node);
  Place& before = places_[node];
  const bool moved = place.root != before.root || place.parent != before.parent ||
                     place.path_hash != before.path_hash;
  if (!moved && place.peers == before.peers) return;
  if (moved) ++position_changes_;
  before = std::move(place);
  note_change(now);
}

// --- whether it is right

const NetworkState& Convergence::check() {
  places_.resize(simulation_.nodes());
  if (changes_checked_ == changes_) return state_;
  changes_checked_ = changes_;
  state_ = {};
  std::set<NodeIndex> roots;
  for (NodeIndex node = 0; node < simulation_.nodes(); ++node) {
    if (!simulation_.running(node)) continue;
    ++state_.running;
    roots.insert(places_[node].root);
  }
  state_.roots = roots.size();
  const std::vector<NodeIndex> parts = components();
  count_right_nodes(parts);
  try_pairs(parts);
  right_since_ = state_.right() ? std::optional(last_change_) : std::nullopt;
  return state_;
}

/// A number for each node, the same for those in the same connected part. A link that is there but
/// not connected yet counts: the network is not right before it is.
std::vector<NodeIndex> Convergence::components() const {
  std::vector<NodeIndex> above(simulation_.nodes());
  std::iota(above.begin(), above.end(), NodeIndex{0});
  const auto top = [&above](NodeIndex node) {
    while (above[node] != node) node = above[node] = above[above[node]];
    return node;
  };
  for (LinkIndex index = 0; index < simulation_.links(); ++index) {
    if (!simulation_.usable(index)) continue;
    const NodeIndex a = top(simulation_.link(index).ends[0]);
    const NodeIndex b = top(simulation_.link(index).ends[1]);
    above[std::max(a, b)] = std::min(a, b);
  }
  for (NodeIndex node = 0; node < above.size(); ++node) above[node] = top(node);
  return above;
}

/// By component: the node with the lowest key.
std::vector<NodeIndex> Convergence::lowest_keys(const std::vector<NodeIndex>& parts) const {
  std::vector<NodeIndex> lowest(parts.size(), kNoNode);
  for (NodeIndex node = 0; node < parts.size(); ++node) {
    if (!simulation_.running(node)) continue;
    NodeIndex& held = lowest[parts[node]];
    if (held == kNoNode || simulation_.key(node) < simulation_.key(held)) held = node;
  }
  return lowest;
}

/// Frames flow both ways between them.
bool Convergence::joined(NodeIndex a, NodeIndex b) const {
  // The one with fewer links is quicker to search.
  if (simulation_.links_of(b).size() < simulation_.links_of(a).size()) std::swap(a, b);
  return std::ranges::any_of(simulation_.links_of(a), [&](LinkIndex index) {
    const VirtualLink& link = simulation_.link(index);
    return (link.ends[0] == b || link.ends[1] == b) && simulation_.usable(index) &&
           simulation_.connected(index);
  });
}

void Convergence::count_right_nodes(const std::vector<NodeIndex>& parts) {
  const std::vector<NodeIndex> lowest = lowest_keys(parts);
  for (NodeIndex node = 0; node < parts.size(); ++node) {
    if (!simulation_.running(node)) continue;
    const Place& place = places_[node];
    const NodeIndex root = lowest[parts[node]];
    if (root == node && place.root == node && place.parent == node && place.path_hash == 0) {
      ++state_.right_nodes;
    }
    // Its children's coordinates are for it to judge: it knows what ports it gave them.
    for (const KnownPeer& peer : place.peers) {
      if (peer.node == kNoNode || peer.node == root || !simulation_.running(peer.node)) continue;
      const Place& child = places_[peer.node];
      if (child.parent != node || child.root != lowest[parts[peer.node]]) continue;
      if (child.path_hash != extend(place.path_hash, peer.port)) continue;
      if (place.root == child.root && joined(node, peer.node)) ++state_.right_nodes;
    }
  }
}

void Convergence::try_pairs(const std::vector<NodeIndex>& parts) {
  std::vector<NodeIndex> running;
  for (NodeIndex node = 0; node < parts.size(); ++node) {
    if (simulation_.running(node)) running.push_back(node);
  }
  const auto try_pair = [&](NodeIndex from, NodeIndex to) {
    if (from == to || parts[from] != parts[to]) return;
    ++state_.pairs;
    if (greedy_steps_join(from, to)) ++state_.joined;
  };
  if (running.size() <= kAllPairsUpTo) {
    for (const NodeIndex from : running) {
      for (const NodeIndex to : running) try_pair(from, to);
    }
    return;
  }
  for (std::size_t i = 0; i < sampled_pairs_; ++i) {
    const NodeIndex from = running[random_.below(running.size())];
    try_pair(from, running[random_.below(running.size())]);
  }
}

bool Convergence::greedy_steps_join(NodeIndex from, NodeIndex to) const {
  const routing::Path destination = simulation_.router(to).coordinates();
  std::uint64_t watermark = routing::kNoWatermark;
  NodeIndex at = from;
  while (at != to) {
    const routing::Router& router = simulation_.router(at);
    const auto hop = router.next_hop(destination, watermark);
    if (!hop) return false;
    watermark = routing::tree_distance(destination, router.coordinates());
    const auto next = simulation_.find(*hop);
    if (!next || !joined(at, *next)) return false;
    at = *next;
  }
  return true;
}

}  // namespace thicket::sim
