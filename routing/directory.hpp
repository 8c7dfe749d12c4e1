#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "crypto/bytes.hpp"
#include "crypto/public_key.hpp"
#include "crypto/time.hpp"
#include "routing/frame.hpp"

namespace thicket::routing {

/// Which ways paths are looked for. Whoever is not asked first by `automatic` is asked when the
/// first gave no answer.
enum class LookupPolicy : std::uint8_t {
  automatic,  ///< the cheaper of the two, as far as we can tell
  bloom,      ///< the filters alone
  dht,        ///< the DHT alone: finds no plain Yggdrasil node that nobody published
  both,       ///< both at once
};

/// What users call the policies, in the order of the enumeration.
inline constexpr std::array<std::string_view, 4> kLookupPolicyNames{"auto", "bloom", "dht", "both"};

constexpr std::string_view to_string(LookupPolicy policy) {
  return kLookupPolicyNames[static_cast<std::size_t>(policy)];
}

/// Whether a node takes part in the DHT, and how it comes to know the first others (E2).
enum class DhtParticipation : std::uint8_t {
  none,     ///< ignores the DHT of others
  invited,  ///< with whom it is told of, or is asked by
  seeking,  ///< also asks, while it knows nobody, the nodes above it in the tree
};

/// How a node came to know others of the DHT, and what it could not find there.
struct DirectoryCounters {
  std::uint64_t introductions = 0;  ///< nodes that were asked since a session's hello named them
  std::uint64_t searches = 0;       ///< nodes above us that were asked on the chance
  std::uint64_t fallbacks = 0;      ///< lookups that went on by filters
};

/// How paths are found other than by the filters of wire.md §7. Its owner hands what it finds to
/// PathFinder::found() and PathFinder::not_found(), after the call.
class Directory {
 public:
  virtual ~Directory() = default;
  /// Whether there is anybody to ask.
  virtual bool joined() const = 0;
  /// How many ways a lookup may take here before a lookup by filters is the cheaper one; 0: it is
  /// from the start.
  virtual std::size_t ways_before_filters() const = 0;
  /// How long an answer may take, from those that came; at most a second.
  virtual Duration answer_timeout() const = 0;
  /// Takes `ways` at most. A path with a seq up to `newer_than` is no answer.
  virtual void lookup(Time now, const PublicKey& key_or_partial_key, std::uint64_t newer_than,
                      std::size_t ways) = 0;
  /// A lookup went on by filters, since this way did not find it (in time).
  virtual void fell_back() = 0;
  /// A payload for us of the directory's own kind.
  virtual void receive(Time now, const PublicKey& source, const PublicKey& peer,
                       ByteView payload) = 0;
  /// A PathBroken, which anybody can make up. `sent_traffic`: we did send traffic there lately.
  virtual void path_broken(Time now, const PublicKey& key, bool sent_traffic) = 0;
  /// A verified path of another node.
  virtual void learnt(Time now, const PathNotify& notify) = 0;
};

}  // namespace thicket::routing
