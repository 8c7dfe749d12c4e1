#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "crypto/cryptography.hpp"
#include "crypto/key_pair.hpp"
#include "crypto/random.hpp"
#include "crypto/time.hpp"
#include "crypto/token_bucket.hpp"
#include "routing/frame.hpp"
#include "routing/peer_table.hpp"
#include "routing/policy.hpp"
#include "routing/record_table.hpp"

namespace thicket::routing {

/// Our place in the spanning tree (wire.md §3): the records we hold, the parent we choose, and what
/// we tell our peers of both. Event-driven: every change is acted on in the next maintain(), which
/// is due at once; the owner may put it off, and call refresh() until then.
///
/// Invariant: own_position() and every Peer::position equal what the records say whenever neither
/// is due.
class Tree {
 public:
  Tree(const KeyPair& identity, const Cryptography& cryptography, Random& random,
       const Policy& policy, PeerTable& peers);

  /// Becomes root of a tree of one. Starting from the clock, our records supersede those of an
  /// earlier life at once.
  void start(Time now);

  void link_added(Time now, Link& link, bool first_of_peer);
  /// The peer's port if its last link went; else nothing but a link went.
  void link_removed(Time now, const PublicKey& key, std::optional<Port> last_of_port);
  void receive(Time now, Link& link, const SigReq& request);
  void receive(Time now, Link& link, const SigRes& response);
  void receive(Time now, Link& link, const Announce& announce);

  void maintain(Time now);
  std::optional<Instant> next_deadline() const;
  /// Brings positions up to date, and does nothing else.
  void refresh();
  std::optional<Instant> refresh_deadline() const;

  const TreePosition& own_position() const { return own_position_; }
  const PublicKey& parent() const;
  const RecordTable& records() const { return records_; }
  /// Counts changes of positions or of who is on the tree.
  std::uint64_t epoch() const { return epoch_; }
  /// Memory of records and of our own position.
  std::size_t state_bytes() const { return records_.state_bytes() + own_position_.state_bytes(); }
  void check_invariants() const;

 private:
  struct Choice {
    Peer* peer = nullptr;  ///< null: ourselves as root
    std::uint64_t cost = 0;
  };

  /// The root we were under before it was lost above us, and how far down: see root_hold_down.
  struct Lineage {
    PublicKey root;
    std::size_t depth = 0;
  };

  // tree.cpp: records in and out
  bool may_verify(Instant now, Peer& peer);
  bool accept(Time now, Link& link, const Announce& announce);
  void defer(Peer& peer, const Announce& announce);
  Instant backlog_due(const Peer& peer, const Announce& announce) const;
  void work_off_backlogs(Time now);
  void work_off_backlog(Time now, Peer& peer);
  void mark_dirty(Instant now);
  void mark_changed(Instant now, const PublicKey& key);
  void mark_all_changed(Instant now);
  bool is_touched(const TreePosition& position) const;
  void refresh_positions();
  void refresh_position(const PublicKey& key, Peer& peer);
  void evict_strangers();
  void gossip();
  void gossip(Peer& peer, const std::vector<RecordTable::Entry*>& ancestry);
  std::vector<RecordTable::Entry*> entries_of(const TreePosition& position);

  // tree_parent.cpp: offers and choice
  void probe(Time now, Peer& peer);
  void probe_links(Time now);
  void probe_parent(Time now);
  std::optional<Instant> parent_probe_due() const;
  void request(Time now, Peer& peer);
  void answer(Link& link, const SigReq& request);
  bool is_root() const;
  bool parent_holds() const;
  bool is_candidate(Time now, const Peer& peer) const;
  Choice best_choice(Time now) const;
  void watch_lineage(Time now);
  Lineage present_lineage() const;
  Peer* renumbering_parent();
  void choose_parent(Time now);
  void choose_without_parent(Time now);
  void refresh_own_record(Time now);
  void become_root(Time now, std::uint64_t seq);
  void adopt(Time now, Peer& peer);
  void set_own_record(Time now, const Record& record);
  std::uint64_t own_seq() const;

  const KeyPair& identity_;
  const Cryptography& cryptography_;
  Random& random_;
  const Policy& policy_;
  PeerTable& peers_;
  RecordTable records_;
  TreePosition own_position_;
  std::uint64_t epoch_ = 0;
  std::uint64_t suspicions_seen_ = 0;
  bool dirty_ = true;
  Instant dirty_since_{};
  // Since the last refresh_positions(): keys whose records changed; or nobody knows which.
  std::vector<PublicKey> changed_;
  bool all_changed_ = true;
  bool own_gossip_due_ = true;  ///< a record of our ancestry changed since the last gossip()

  Instant refresh_due_{};
  TokenBucket own_changes_{limits::kOwnChanges};
  TokenBucket all_announces_{limits::kAllAnnounces};
  std::optional<Instant> backlogs_due_;  ///< no backlog has anything to do before; may be early
  bool requests_may_wait_ = false;       ///< a peer may have a waiting_request
  bool change_wanted_ = false;           ///< waiting for own_changes_
  std::optional<Instant> parent_lost_;   ///< since when we have no valid parent

  Lineage lineage_;
  std::optional<Instant> hold_down_until_;
};

}  // namespace thicket::routing
