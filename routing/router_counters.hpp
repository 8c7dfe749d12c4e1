#pragma once

#include <cstdint>

namespace thicket::routing {

/// What a router did since it was made.
struct RouterCounters {
  std::uint64_t signatures_made = 0;     ///< for the tree and for paths, not for sessions
  std::uint64_t signatures_checked = 0;  ///< likewise
  std::uint64_t lookups_started = 0;     ///< own lookups sent out, repetitions included
  std::uint64_t lookups_forwarded = 0;   ///< lookups of others sent on, once per peer
  std::uint64_t paths_told = 0;          ///< PathNotify frames about ourselves
  std::uint64_t brokens_sent = 0;        ///< PathBroken frames that we started

  /// Traffic frames lost here, by cause; a packet that was sent, and kept in case that it went
  /// astray, is not lost with the copy.
  struct Dropped {
    std::uint64_t no_next_hop = 0;  ///< of others: nobody here is nearer to where it goes
    std::uint64_t no_path = 0;      ///< our own: no path was found in time, or too many waited
    std::uint64_t queue_full = 0;
    std::uint64_t queue_delay = 0;  ///< shed by CoDel
    std::uint64_t link_lost = 0;    ///< waited for a link that ended
    std::uint64_t oversized = 0;    ///< our own: larger than any frame may be
    std::uint64_t total() const {
      return no_next_hop + no_path + queue_full + queue_delay + link_lost + oversized;
    }
  } dropped;
  /// Lookups, notifies and brokens that were not sent since too much waited for the link.
  std::uint64_t protocol_frames_shed = 0;
};

}  // namespace thicket::routing
