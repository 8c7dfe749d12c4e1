#pragma once

#include <optional>

#include "crypto/time.hpp"
#include "crypto/token_bucket.hpp"
#include "routing/limits.hpp"
#include "routing/peer_table.hpp"

namespace thicket::routing {

/// Tells every peer on the tree which keys lie behind us (wire.md §7). New keys are passed on at
/// once within a rate; keys that went are cleared later, so that a node that moves is never unknown
/// everywhere.
class FilterExchange {
 public:
  FilterExchange(const PublicKey& self, const Policy& policy, PeerTable& peers);

  /// §7: a new link is first sent the last filter sent to that key, or an empty one.
  void link_added(Time now, Link& link, bool first_of_peer);
  /// A link of `peer` went: a filter may have been lost with it.
  void link_removed(Peer& peer);
  void receive(Peer& peer, const BloomFilter& filter);
  /// The tree changed: other peers may be on it.
  void tree_changed() { dirty_ = true; }

  void maintain(Time now);
  std::optional<Instant> next_deadline(Instant dirty_since) const;
  /// Counts changes of received filters and of the tree.
  std::uint64_t epoch() const { return epoch_; }

 private:
  struct Due {
    BloomFilter filter;
    Instant at{};
  };
  /// All filters on the tree together, so that all but any one of them is at hand.
  struct Union {
    BloomFilter any;     ///< bits set in at least one
    BloomFilter shared;  ///< bits set in at least two

    void add(const BloomFilter& filter);
    /// The union of the others.
    BloomFilter without(const BloomFilter& filter) const;
  };

  Union united() const;
  Due due(Instant now, const PeerFilters& filters, const BloomFilter& sent,
          const BloomFilter& wanted) const;
  static void note_stale_keys(Instant now, PeerFilters& filters, const BloomFilter& sent,
                              const BloomFilter& wanted);
  void send(Time now, Peer& peer, const BloomFilter& filter);
  Instant update(Time now, Peer& peer, const BloomFilter& wanted);
  Instant update_in_round(Time now, Peer& peer, const BloomFilter& wanted);

  const Policy& policy_;
  PeerTable& peers_;
  PackedFilter own_;
  TokenBucket sweeps_{limits::kFilterSweeps};
  bool dirty_ = true;
  std::uint64_t epoch_ = 0;
  std::optional<Instant> next_;
};

}  // namespace thicket::routing
