#include "routing/forwarder.hpp"

#include <algorithm>
#include <span>
#include <tuple>

#include "crypto/invariant.hpp"

namespace thicket::routing {

void Forwarder::refresh_candidates() const {
  if (seen_epoch_ == tree_.epoch() && seen_departures_ == peers_.departures()) return;
  seen_epoch_ = tree_.epoch();
  seen_departures_ = peers_.departures();
  candidates_.clear();
  ports_.clear();
  const PublicKey& root = tree_.own_position().root;
  for (auto& [key, peer] : peers_.peers()) {
    // Coordinates from another root say nothing about distances in ours.
    if (!peer.has_record || peer.position.root != root) continue;
    const Path& coordinates = peer.position.coordinates;
    candidates_.push_back({&peer, coordinates.size()});
    ports_.insert(ports_.end(), coordinates.begin(), coordinates.end());
  }
}

std::size_t Forwarder::state_bytes() const {
  return candidates_.size() * sizeof(Candidate) + ports_.size() * sizeof(Port);
}

void Forwarder::check_invariants() const {
  if (seen_epoch_ != tree_.epoch() || seen_departures_ != peers_.departures()) return;
  auto candidate = candidates_.begin();
  auto port = ports_.begin();
  for (const auto& [key, peer] : peers_.peers()) {
    if (!peer.has_record || peer.position.root != tree_.own_position().root) continue;
    INVARIANT(candidate != candidates_.end() && candidate->peer == &peer);
    const Path& coordinates = peer.position.coordinates;
    INVARIANT(candidate->depth == coordinates.size());
    INVARIANT(std::equal(coordinates.begin(), coordinates.end(), port));
    ++candidate;
    port += static_cast<std::ptrdiff_t>(coordinates.size());
  }
  INVARIANT(candidate == candidates_.end() && port == ports_.end());
}

std::optional<NextHop> Forwarder::next_hop(const PathView& path, std::uint64_t watermark) const {
  if (path.wire().size() > limits::kPathBytes) return std::nullopt;
  refresh_candidates();
  // A path may be long and peers many: its length is counted once, and prefixes end early.
  const std::uint64_t length = length_of(path);
  const auto distance_to = [&](std::span<const Port> coordinates) {
    return length + coordinates.size() - 2 * common_prefix(path, coordinates);
  };
  const std::uint64_t here = distance_to(tree_.own_position().coordinates);
  if (here >= watermark || here == 0) return std::nullopt;
  Peer* best = nullptr;
  std::uint64_t best_cost = 0;
  std::uint64_t best_distance = 0;
  const Port* ports = ports_.data();
  for (const auto& [peer, depth] : candidates_) {
    const std::uint64_t distance = distance_to({ports, depth});
    ports += depth;
    if (distance >= here || peer->best_link().closing) continue;
    const std::uint64_t link_cost = peer->cost();
    const std::uint64_t cost = link_cost * distance;
    const bool suspect = peer->suspect();
    const bool better =
        best == nullptr || std::make_tuple(suspect, cost, distance, link_cost, peer->up_since) <
                               std::make_tuple(best->suspect(), best_cost, best_distance,
                                               best->cost(), best->up_since);
    if (!better) continue;
    best = peer;
    best_cost = cost;
    best_distance = distance;
  }
  if (best == nullptr) return std::nullopt;
  return NextHop{best, here};
}

}  // namespace thicket::routing
