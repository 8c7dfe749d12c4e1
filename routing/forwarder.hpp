#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "routing/path.hpp"
#include "routing/peer_table.hpp"
#include "routing/tree.hpp"

namespace thicket::routing {

/// Where a frame goes next.
struct NextHop {
  Peer* peer = nullptr;
  std::uint64_t watermark = 0;  ///< what the frame must carry from here on
};

/// Greedy forwarding over the tree's distances (wire.md §4): every hop brings a frame nearer to the
/// end of its path, as the watermark proves, so it cannot circle.
class Forwarder {
 public:
  Forwarder(PeerTable& peers, const Tree& tree) : peers_(peers), tree_(tree) {}
  std::optional<NextHop> next_hop(const PathView& path, std::uint64_t watermark) const;
  std::size_t state_bytes() const;
  void check_invariants() const;

 private:
  /// A peer in our tree, and how many of ports_ are its coordinates.
  struct Candidate {
    Peer* peer = nullptr;
    std::size_t depth = 0;
  };
  void refresh_candidates() const;

  PeerTable& peers_;
  const Tree& tree_;
  // What is compared for every frame, without gaps: a node may have hundreds of peers. Derived from
  // the peers as they were at these two counts.
  mutable std::vector<Candidate> candidates_;  ///< by key
  mutable std::vector<Port> ports_;            ///< coordinates of all candidates, one after another
  mutable std::uint64_t seen_epoch_ = 0;
  mutable std::uint64_t seen_departures_ = 0;
};

}  // namespace thicket::routing
