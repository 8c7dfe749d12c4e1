#pragma once

#include <cstdint>
#include <optional>

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

 private:
  PeerTable& peers_;
  const Tree& tree_;
};

}  // namespace thicket::routing
