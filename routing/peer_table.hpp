#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "crypto/public_key.hpp"
#include "crypto/time.hpp"
#include "crypto/token_bucket.hpp"
#include "routing/frame.hpp"
#include "routing/limits.hpp"
#include "routing/link_id.hpp"
#include "routing/link_queue.hpp"
#include "routing/packed_filter.hpp"
#include "routing/policy.hpp"
#include "routing/record_table.hpp"
#include "routing/router_action.hpp"
#include "routing/router_counters.hpp"

namespace thicket::routing {

struct Peer;

/// One link and what waits for it, with the liveness timers of wire.md §2.
struct Link {
  explicit Link(LinkQueue::Limits queue_limits) : queue(queue_limits) {}

  LinkId id;
  Peer* peer = nullptr;
  std::uint8_t priority = 0;
  Instant up_since;
  LinkQueue queue;
  LinkQueue::Drops drops_counted;
  std::optional<Instant> keepalive_due;     ///< a sign of life is owed by then
  std::optional<Instant> silence_deadline;  ///< something must have arrived by then
  /// Since when frames that call for a sign of life are unanswered, and until when that is usual.
  std::optional<Instant> unanswered_since;
  std::optional<Instant> suspect_at;
  std::optional<Instant> doubt_at;
  bool doubted = false;    ///< it has been far longer than usual: see Policy::parent_patience
  bool suspect = false;    ///< it has been longer than usual
  Duration answer_time{};  ///< how long the peer's signs of life usually take; 0: not known
  Instant last_heard{};
  std::vector<Packet> copies{};  ///< of traffic sent since: see limits::kQuiet
  Instant probed_at{};
  /// When it was last heard, or made to be.
  Instant last_trial() const { return std::max(last_heard, probed_at); }
  bool ready_told = false;  ///< the owner knows that frames wait
  bool closing = false;     ///< the owner was told to end it
};

/// The signature exchange with one peer that could make it our parent (§3).
struct ParentOffer {
  SigReq request;
  Instant requested_at;
  std::optional<SigRes> response;  ///< the matching one, verified
};

/// What a peer may make us do.
struct PeerBudgets {
  TokenBucket announces{limits::kAnnounces};
  TokenBucket sig_requests{limits::kSigReqs};
  TokenBucket sig_responses{limits::kSigReqs};
  TokenBucket lookups{limits::kLookupsTaken};
  TokenBucket broken{limits::kBrokens};
  TokenBucket notifies{limits::kNotifies};
};

/// The filters exchanged with a peer (§7).
struct PeerFilters {
  PackedFilter received;
  PackedFilter sent;
  Instant sent_at;
  std::optional<Instant> stale_since;  ///< since when it was sent keys that are gone
  std::optional<Instant> repeat_at;    ///< links may have reordered what was sent
  bool grown = false;                  ///< new keys were added to what was sent, in the last round
  TokenBucket updates{limits::kFilters};
};

/// All links to one key.
struct Peer {
  PublicKey key;
  Port port;                 ///< the number we give it: §2, lowest free from 1
  std::vector<Link*> links;  ///< best first: priority, then age
  Instant up_since;
  ParentOffer offer;
  std::optional<Duration> round_trip;  ///< last sample
  std::uint64_t smoothed_us = 0;       ///< 0: no sample yet
  PeerFilters filters;
  PeerBudgets budgets;
  std::map<PublicKey, Announce> backlog;  ///< announcements that came too fast, newest per key
  std::optional<std::pair<LinkId, SigReq>> waiting_request;  ///< a SigReq that came too fast
  TreePosition position;  ///< as its record says; kept current by Tree
  bool has_record = false;
  bool through_us = false;  ///< its ancestry contains us
  bool names_us = false;    ///< its record names us as parent
  bool gossip_due = true;   ///< its ancestry, or what it knows of it, changed
  bool on_tree = false;     ///< it is our parent, or its record names us as parent

  /// What to send over: the first link that is fine; else the first that does not close, if any.
  Link& best_link() const;
  /// No link is fine.
  bool suspect() const;
  /// No link has been fine for long.
  bool doubted() const;
  /// Cost of the link in the daemon's unit: smoothed round trip in ms, at least 1 (§3).
  std::uint64_t cost() const;
  void sample_round_trip(Duration sample, const Policy& policy);
};

/// The links and peers of a router, and all frames on their way out.
///
/// Invariants: ports are unique and from 1; a peer has at least one link.
class PeerTable {
 public:
  PeerTable(std::vector<RouterAction>& actions, const Policy& policy, RouterCounters& counters)
      : actions_(actions), policy_(policy), counters_(counters) {}

  /// The new link; second: it is the first to its peer.
  std::pair<Link*, bool> add(Instant now, LinkId id, const PublicKey& key, std::uint8_t priority);
  /// Takes a link away. The port of the peer if that was its last one.
  std::optional<Port> remove(LinkId id);
  Link* find(LinkId id);
  Peer* find(const PublicKey& key);
  const Peer* find(const PublicKey& key) const;
  std::map<PublicKey, Peer>& peers() { return peers_; }
  const std::map<PublicKey, Peer>& peers() const { return peers_; }
  /// Counts peers that went.
  std::uint64_t departures() const { return departures_; }

  // --- liveness
  void heard(Instant now, Link& link);
  void frame_received(Instant now, Link& link, FrameType type);
  /// Sends keepalives that are due and ends links that are silent.
  void tick(Instant now);
  std::optional<Instant> next_deadline() const;
  /// Counts the times that a link became suspect, or stopped being it.
  std::uint64_t suspicions() const { return suspicions_; }

  bool any_stranded() const { return !stranded_.empty(); }
  /// Traffic, as bodies, that a silent or ended link may have swallowed, since the last call.
  std::vector<Packet> take_stranded() { return std::exchange(stranded_, {}); }

  // --- sending; all take a body without its length prefix
  /// A frame that must not be lost: the link ends if too many of them wait.
  void send(Link& link, Packet body);
  void send(Peer& peer, Packet body) { send(peer.best_link(), std::move(body)); }
  /// A protocol frame that somebody will repeat: dropped if too much waits.
  void send_expendable(Peer& peer, Packet body);
  void send_traffic(Instant now, Peer& peer, const PublicKey& destination, const PublicKey& source,
                    Packet body);
  std::optional<Packet> next_frame(Instant now, LinkId id);
  void close(Link& link, CloseReason reason, std::string_view detail = {});

  std::size_t longest_queue() const;
  RouterCounters& counters() { return counters_; }
  std::size_t state_bytes() const;
  void check_invariants() const;

 private:
  void announce_ready(Link& link);
  Duration usual_answer_time(const Link& link) const;
  Duration patience(const Link& link) const;
  void clear_suspicion(Link& link);
  static void postpone_suspicion(Link& link, Instant until);
  void keep_copy(Instant now, Link& link, const Packet& frame, std::size_t prefix_size);
  void strand(Link& link);
  void count_drops(Link& link);
  void set_deadline(std::optional<Instant>& of_link, Instant at);
  void clear_deadline(std::optional<Instant>& of_link);
  Port lowest_free_port() const;

  std::vector<RouterAction>& actions_;
  const Policy& policy_;
  RouterCounters& counters_;
  std::map<PublicKey, Peer> peers_;
  std::map<LinkId, Link> links_;
  std::uint64_t departures_ = 0;
  std::uint64_t suspicions_ = 0;
  std::vector<Packet> stranded_;
  // The earliest deadline of all links, unless the link that had it has it no more.
  mutable std::optional<Instant> deadline_;
  mutable bool deadline_stale_ = false;
};

}  // namespace thicket::routing
