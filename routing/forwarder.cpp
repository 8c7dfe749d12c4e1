#include "routing/forwarder.hpp"

#include <tuple>

namespace thicket::routing {

std::optional<NextHop> Forwarder::next_hop(const PathView& path, std::uint64_t watermark) const {
  if (path.wire().size() > limits::kPathBytes) return std::nullopt;
  const TreePosition& own = tree_.own_position();
  // A path may be long and peers many: its length is counted once, and prefixes end early.
  const std::uint64_t length = length_of(path);
  const auto distance_to = [&](const Path& coordinates) {
    return length + coordinates.size() - 2 * common_prefix(path, coordinates);
  };
  const std::uint64_t here = distance_to(own.coordinates);
  if (here >= watermark || here == 0) return std::nullopt;
  Peer* best = nullptr;
  std::uint64_t best_cost = 0;
  std::uint64_t best_distance = 0;
  for (auto& [key, peer] : peers_.peers()) {
    // Coordinates from another root say nothing about distances in ours.
    if (!peer.has_record || peer.position.root != own.root) continue;
    const std::uint64_t distance = distance_to(peer.position.coordinates);
    // Few peers are closer, and what else decides lies elsewhere in memory.
    if (distance >= here || peer.best_link().closing) continue;
    const std::uint64_t link_cost = peer.cost();
    const std::uint64_t cost = link_cost * distance;
    const bool suspect = peer.suspect();
    const bool better =
        best == nullptr || std::make_tuple(suspect, cost, distance, link_cost, peer.up_since) <
                               std::make_tuple(best->suspect(), best_cost, best_distance,
                                               best->cost(), best->up_since);
    if (!better) continue;
    best = &peer;
    best_cost = cost;
    best_distance = distance;
  }
  if (best == nullptr) return std::nullopt;
  return NextHop{best, here};
}

}  // namespace thicket::routing
