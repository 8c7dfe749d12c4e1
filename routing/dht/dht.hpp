#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <variant>
#include <vector>

#include "crypto/cryptography.hpp"
#include "crypto/public_key.hpp"
#include "crypto/random.hpp"
#include "crypto/time.hpp"
#include "crypto/token_bucket.hpp"
#include "routing/dht/answer_timer.hpp"
#include "routing/dht/limits.hpp"
#include "routing/dht/message.hpp"
#include "routing/dht/path_record.hpp"
#include "routing/dht/record_store.hpp"
#include "routing/dht/routing_table.hpp"
#include "routing/dht/source_budgets.hpp"
#include "routing/dht/walk.hpp"
#include "routing/path.hpp"

namespace thicket::routing::dht {

/// What the DHT needs to know of the router that it is part of.
class Surroundings {
 public:
  virtual ~Surroundings() = default;
  /// Our path, signed no earlier than our coordinates changed.
  virtual PathRecord own_record(Time now) = 0;
  /// How far the end of a path is from us, and through which peer it begins; nullopt: nowhere.
  virtual std::optional<Way> way_to(const PathView& path) const = 0;
};

/// A peer that takes part in the DHT (E1).
struct CapablePeer {
  PublicKey key;
  std::vector<std::uint8_t> path;  ///< its coordinates, in wire form
  bool operator==(const CapablePeer&) const = default;
};

/// The payload of a Traffic frame, to be sent along `path` (wire form).
struct SendDatagram {
  PublicKey to;
  std::vector<std::uint8_t> path;
  std::vector<std::uint8_t> payload;
};
/// The answer to a lookup; checked. As good as a PathNotify for us.
struct RecordFound {
  PublicKey asked;  ///< key or partial key, as in lookup()
  PathRecord record;
};
/// The DHT does not know, or did not answer in time: ask another way.
struct LookupFailed {
  PublicKey asked;
};
/// The owner's name for a walk.
using WalkId = std::uint64_t;
/// What came of a walk. Shared, so that the more usual actions stay small.
struct WalkEnded {
  WalkId id = 0;
  std::shared_ptr<WalkTrace> trace;
};
using DhtAction = std::variant<SendDatagram, RecordFound, LookupFailed, WalkEnded>;

struct Counters {
  std::uint64_t lookups = 0;  ///< own, and how they ended:
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;     ///< the last answer was "not found"
  std::uint64_t timeouts = 0;   ///< no last answer came
  std::uint64_t overtaken = 0;  ///< the filters answered first
  std::uint64_t retries = 0;    ///< second ways that lookups took
  std::uint64_t detours = 0;    ///< finds and stores that went another way round a broken path
  std::uint64_t finds_forwarded = 0;
  std::uint64_t finds_answered = 0;
  std::uint64_t stores_kept = 0;
  std::uint64_t publications = 0;
  std::uint64_t copies_sent = 0;
  std::uint64_t datagrams_sent = 0;
  std::uint64_t datagrams_received = 0;
  std::uint64_t bytes_sent = 0;  ///< payloads
  std::uint64_t bytes_received = 0;
  std::uint64_t over_budget = 0;  ///< datagrams not looked at
  std::uint64_t malformed = 0;
  std::uint64_t records_refused = 0;  ///< forged, stale or from the future
  std::uint64_t brokens_refused = 0;  ///< PathBrokens for what we had not sent
};

/// One node's part in the DHT of extension E2. Sans-I/O and single-threaded.
class Dht {
 public:
  /// All references must outlive it.
  Dht(const PublicKey& own, const Cryptography& cryptography, Random& random,
      Surroundings& surroundings);

  /// The peers that take part, and where they are, whenever that changed; at most limits::kPeers
  /// are used.
  void peers_changed(Time now, std::vector<CapablePeer> peers);
  /// A node that takes part, or may, and a way to it: it is asked for contacts once.
  void introduce(Time now, const PublicKey& key, const PathView& path);
  /// Our coordinates changed: everything is at another distance, and others must be told. The first
  /// `kept` of them are as before: the more, the fewer nodes moved together with us.
  void coordinates_changed(Time now, std::size_t kept);
  /// We came under a better root: there may be nodes that none of those we know has heard of.
  void network_grew(Time now);
  /// A payload that begins with kPayloadType, said to be from `source`, handed to us by `peer`.
  void receive(Time now, const PublicKey& source, const PublicKey& peer, ByteView payload);
  /// A PathBroken for what we sent to `key`. Anybody can make one up: it counts only if we sent a
  /// datagram there lately, or `sent_traffic` says that our owner sent something else.
  void path_broken(Time now, const PublicKey& key, bool sent_traffic);
  /// A verified record that a PathNotify brought: cached, and published for those who cannot. A
  /// lookup for it ends without an action.
  void learnt(Time now, const PathRecord& record);
  /// RecordFound or LookupFailed answers, the latter within `ways` x kAnswerTimeoutMax: that many
  /// ways are tried, limits::kAttempts at most. A record with a seq up to `newer_than` is no
  /// answer.
  void lookup(Time now, const PublicKey& key_or_partial_key, std::uint64_t newer_than = 0,
              std::size_t ways = limits::kAttempts);
  /// Looks the key up step by step, whether we hold its record or not; WalkEnded answers, within
  /// limits::kWalkTime. False: limits::kWalks are in flight, or `id` is.
  bool walk(Time now, WalkId id, const PublicKey& key_or_partial_key);

  void tick(Time now);
  std::optional<Instant> next_deadline() const;
  std::optional<DhtAction> next_action();

  /// Whether there is anybody to ask.
  bool joined() const { return !table_.near().empty(); }
  /// Link transmissions that a lookup will take, the answer included, as far as we can tell.
  double expected_transmissions() const;
  /// To a random node and back; 0: we know too little.
  double there_and_back() const;
  /// How long we wait for an answer; limits::kAnswerTimeoutMin to kAnswerTimeoutMax.
  Duration answer_timeout() const { return timer_.timeout(); }
  /// How many nodes take part, from how densely their identifiers lie around ours.
  double estimated_nodes() const;
  const Counters& counters() const { return counters_; }
  const RoutingTable& table() const { return table_; }
  const RecordStore& store() const { return store_; }
  std::size_t lookups_in_flight() const { return lookups_.size(); }
  void check_invariants() const;

 private:
  struct Lookup {
    /// A find of its, under way.
    struct Attempt {
      Identifier first;  ///< the contact that it went through
      TransactionId txid{};
      Instant sent;
    };
    const Attempt* attempt(const TransactionId& txid) const;

    PublicKey asked;
    std::vector<Attempt> attempts;  ///< an answer to an earlier one counts, too
    Instant deadline;               ///< of the last
    std::uint64_t newer_than = 0;
    std::size_t ways = limits::kAttempts;
    std::set<Identifier> denied_by;  ///< those about its place who say that it is not there
    bool silent = false;             ///< for our own table: nobody waits for it
  };
  /// A find or store on its way to its target, by another contact than `to` if that has moved.
  struct PassedOn {
    PublicKey to;
    Identifier target;
    Datagram datagram;
    std::size_t size = 0;
    Instant sent;
  };
  /// A ping, store or question for contacts that is to be answered by one node.
  struct Question {
    Identifier whom;
    std::size_t kind = 0;  ///< index in Body of the answer
    Instant sent;
    Instant deadline;
  };

  // dht.cpp: in, out and time
  TransactionId new_txid();
  void transmit(Time now, const PublicKey& to, const PathView& path,
                std::vector<std::uint8_t> payload);
  void transmit(Time now, const Contact& contact, std::vector<std::uint8_t> payload);
  bool sent_lately(Time now, const PublicKey& to) const;
  void pass_on(Time now, const Contact& contact, Datagram datagram, std::size_t size);
  void pass_on_otherwise(Time now, const PublicKey& broken);
  void reply(Time now, const PathRecord& to, Datagram datagram, std::size_t request_size);
  const PathRecord& own_record(Time now);
  bool verify(Time now, const PublicKey& peer, const PathRecord& record);
  void meet(Time now, const PublicKey& peer, const PathRecord& record);
  bool settle(Time now, const TransactionId& txid, std::size_t kind);
  void expect(Time now, const TransactionId& txid, const Identifier& whom, std::size_t kind);
  void suspect(Time now, const Identifier& id);
  void tick_questions(Time now);

  struct Arrival {
    Time now;
    const PublicKey& source;
    const PublicKey& peer;
    const Datagram& datagram;
    std::size_t size;
  };
  void handle(const Arrival& in, const Ping&);
  void handle(const Arrival& in, const Pong&);
  void handle(const Arrival& in, const Find& find);
  void handle(const Arrival& in, const Found& found);
  void handle(const Arrival& in, const Store& store);
  void handle(const Arrival& in, const Stored&);
  void handle(const Arrival& in, const Neighbours& neighbours);
  void handle(const Arrival& in, const Contacts& contacts);

  // dht_lookup.cpp
  const PathRecord* held_record(Time now, const Identifier& id, std::uint64_t newer_than) const;
  bool try_next_way(Time now, const Identifier& target, Lookup& lookup);
  std::size_t room_for_any_record(Time now);
  const Contact* any_next_hop(const Identifier& target, const std::vector<Identifier>& excluded);
  bool belongs_to(const Identifier& target, const Identifier& home) const;
  void found_otherwise(const PathRecord& record, const Identifier& id);
  void seek(Time now, Lookup lookup);
  void tick_lookups(Time now);

  // dht_walk.cpp
  std::vector<PathRecord> next_hops(Time now, const Identifier& target,
                                    std::vector<Identifier> excluded) const;
  void advance_walk(Time now, WalkId id);
  bool walk_answered(const Arrival& in, const Found& found);
  /// The steps that wait for `whom`; nullptr: those that have waited for too long.
  void fail_walks(Time now, StepAnswer why, const PublicKey* whom);

  // dht_store.cpp
  void publish(Time now);
  void schedule_publication(Instant at);
  void publish_foreign(Time now);
  void send_store(Time now, const Identifier& id, const Datagram& datagram);
  void keep_as_home(Time now, const PathRecord& record, const Identifier& id);
  void explore_soon(Time now);
  void explore(Time now);
  const Contact* unmet_neighbour() const;
  void seek_own_place(Time now, bool from_a_peer);
  void ask_for_contacts(Time now, const Identifier& id);
  void ask(Time now, const PublicKey& key, const PathView& path, const Identifier& id);
  void neighbourhood_changed(Time now);
  Identifier random_identifier(std::size_t row);
  std::vector<PathRecord> contacts_for(Time now, const PathRecord& asker,
                                       const Identifier& id) const;
  Duration between(Duration low, Duration high);

  PublicKey own_;
  Identifier id_;
  const Cryptography& cryptography_;
  Random& random_;
  Surroundings& surroundings_;
  RoutingTable table_;
  RecordStore store_;
  SourceBudgets budgets_;
  AnswerTimer timer_;
  Counters counters_;
  std::vector<CapablePeer> peers_;
  std::map<Identifier, Lookup> lookups_;
  std::map<WalkId, Walk> walks_;
  std::map<TransactionId, Question> questions_;
  std::deque<PassedOn> passed_on_;                  ///< oldest first
  std::deque<std::pair<PublicKey, Instant>> sent_;  ///< whom datagrams went to; oldest first
  std::vector<DhtAction> actions_;
  std::size_t next_action_ = 0;

  std::optional<PathRecord> own_record_;  ///< reused until it is too old or we moved
  std::optional<Instant> publish_at_;
  std::uint8_t publish_attempts_ = 0;
  std::optional<TransactionId> publication_;  ///< not acknowledged yet
  TokenBucket publications_{limits::kPublications};
  TokenBucket foreign_{limits::kPublications};
  std::deque<PathRecord> unpublished_;  ///< of others, waiting for foreign_
  TokenBucket copies_{limits::kCopies};
  std::optional<Instant> explore_at_;
  Duration explore_interval_ = limits::kRefreshFirst;
  std::uint64_t explorations_ = 0;
  bool explored_in_vain_ = false;      ///< the last one brought nobody close to us, so far
  std::set<Identifier> met_;           ///< near contacts that were asked, so that they know us
  std::optional<Identifier> closest_;  ///< to us, as far as we know
  std::optional<Instant> expire_at_;
};

}  // namespace thicket::routing::dht
