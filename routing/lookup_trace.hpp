#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <vector>

#include "crypto/public_key.hpp"
#include "crypto/time.hpp"
#include "routing/dht/walk.hpp"

namespace thicket::routing {

/// The router's name for a lookup that is to be explained; never used twice.
struct TraceId {
  std::uint64_t value = 0;
  auto operator<=>(const TraceId&) const = default;
};

/// Where a node says that it is.
struct TracedPath {
  PublicKey key;
  std::vector<std::uint8_t> coords;  ///< wire form
  std::uint64_t seq = 0;             ///< Unix time in seconds, by the node's clock
};

/// What came of asking the bloom filters (wire.md §7).
struct FilterTrace {
  std::size_t peers_asked = 0;  ///< those whose filter claims the key
  std::optional<TracedPath> answer;
  Duration took{};  ///< until the answer
};

/// Everything that a lookup met.
struct LookupTrace {
  PublicKey asked;                  ///< key or partial key
  bool own = false;                 ///< it is our own: nobody was asked
  std::optional<TracedPath> known;  ///< the path we had before
  dht::WalkTrace walk;
  FilterTrace filters;
};

/// Which way a lookup found its node (first).
enum class LookupWay { none, own, known, dht, filters };
LookupWay way_of(const LookupTrace& trace);
/// What that way found; nullopt: none did.
std::optional<TracedPath> found_by(const LookupTrace& trace);

}  // namespace thicket::routing
