#pragma once

#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "crypto/address.hpp"
#include "crypto/cryptography.hpp"
#include "crypto/key_pair.hpp"
#include "crypto/time.hpp"
#include "routing/correspondents.hpp"
#include "routing/dht/path_record.hpp"
#include "routing/directory.hpp"
#include "routing/forwarder.hpp"
#include "routing/frame.hpp"
#include "routing/lookup_observer.hpp"
#include "routing/peer_table.hpp"
#include "routing/policy.hpp"
#include "routing/router_action.hpp"
#include "routing/tree.hpp"

namespace thicket::routing {

/// A path to a node, as its owner signed it (wire.md §5).
struct KnownPath {
  std::vector<std::uint8_t> wire;  ///< its coordinates, in wire form
  std::uint64_t seq = 0;
  bool broken = false;
  Instant last_used;                 ///< last frame from that node, or last update
  LookupKey lookup_key;              ///< what lookups know the node by
  std::optional<Instant> looked_up;  ///< when a lookup last went out for it
  Instant last_sent;                 ///< last packet along it
  std::optional<Packet> copy;        ///< of that packet: see limits::kQuiet
  TokenBucket notifies{limits::kNotifiesPerSource};

  PathView view() const { return PathView(wire); }
};

/// Finds paths to nodes, tells others the path to us, and sends traffic along them (wire.md §5).
///
/// Invariants: at most limits::kPaths paths and limits::kLookups lookups; the bytes kept for all
/// lookups stay within limits::kPacketBytesAllLookups; our own seq never repeats with other
/// coordinates, unless the policy says so.
class PathFinder {
 public:
  PathFinder(const KeyPair& identity, const Cryptography& cryptography, const Policy& policy,
             PeerTable& peers, const Tree& tree, std::vector<RouterAction>& actions);

  /// Another way to find paths, which must outlive this or be the last to be called.
  void use(Directory& directory, LookupPolicy policy) {
    directory_ = &directory;
    lookup_policy_ = policy;
  }
  /// Whoever hears of the paths that others tell us; must outlive this or be the last to be called.
  void observe(LookupObserver& observer) { observer_ = &observer; }
  /// Sends a lookup to the peers whose filter claims the key, whatever was asked before; returns
  /// how many.
  std::size_t ask_filters(const PublicKey& key_or_partial_key);
  /// The directory's answer: used as a PathNotify for us is, its signature having been checked.
  void found(Time now, const PublicKey& key, std::uint64_t seq, const PathView& coords);
  void not_found(Time now, const PublicKey& key_or_partial_key);
  /// A path to the node, signed or not, in wire form.
  std::optional<std::vector<std::uint8_t>> any_path(Time now, const PublicKey& key);
  /// A Traffic frame along a given path. False if nobody is nearer to its end.
  bool send_datagram(Time now, const PublicKey& to, const PathView& path, ByteView payload);
  /// Our path, as we sign it for PathNotify frames too.
  dht::PathRecord own_record(Time now);

  void send(Time now, const PublicKey& to, Packet payload);
  void lookup(Time now, const PublicKey& key_or_partial_key);

  // Frames from a peer, each with the body it was decoded from.
  void receive(Time now, Peer& from, const PathLookup& lookup, const Packet& body);
  void receive(Time now, Peer& from, const PathNotify& notify, Packet body);
  void receive(Time now, Peer& from, const PathBroken& broken, Packet body);
  void receive(Time now, Peer& from, const Traffic& traffic, Packet body);

  /// Our coordinates, the tree around us or the filters of peers changed.
  void surroundings_changed(Time now);
  /// Sends another way what silent links may have swallowed; what finds none waits for a while.
  void send_stranded(Time now);
  void tick(Time now);
  std::optional<Instant> next_deadline() const;

  const std::map<PublicKey, KnownPath>& paths() const { return paths_; }
  const Forwarder& forwarder() const { return forwarder_; }
  /// Memory of paths, lookups (with the packets that wait for them), correspondents and copies.
  std::size_t state_bytes() const;
  void check_invariants() const;

 private:
  struct WaitingPacket {
    PublicKey to;
    Packet payload;
    bool sent;  ///< it went out already, and is kept in case that it went astray
  };
  struct Lookup {
    PublicKey dest;
    std::optional<Instant> sent;       ///< last time it went out to anyone
    std::optional<Instant> postponed;  ///< it is not needed if an answer comes before
    Path sent_from;                    ///< our coordinates then: where answers go
    Duration interval{};               ///< from one repetition to the next
    Instant wanted_until;
    std::deque<WaitingPacket> waiting;
    std::size_t waiting_bytes = 0;
    TokenBucket notifies{limits::kNotifiesPerSource};
    std::optional<Instant> second_at;  ///< when the way not asked first is asked
    bool second_is_directory = false;
  };
  using Lookups = std::map<LookupKey, Lookup>;

  Lookup& want(Time now, const PublicKey& dest);
  void try_lookup(Time now, Lookup& lookup);
  Instant due_at(const Lookup& lookup) const;
  void note_due(const Lookup& lookup);
  void note_correspondent(Instant now, const PublicKey& key, const PathView& from);
  bool ask(Time now, Lookup& lookup);
  void ask_directory(Time now, const Lookup& lookup,
                     std::size_t ways = std::numeric_limits<std::size_t>::max());
  std::uint64_t broken_seq(const Lookup& lookup) const;
  void ask_second(Time now, Lookup& lookup);
  bool transmit_lookup(const Lookup& lookup) { return ask_filters(lookup.dest) != 0; }
  void keep_packet(Lookup& lookup, WaitingPacket packet);
  void forget_packets(Lookup& lookup);
  void drop_oldest(Lookup& lookup);
  void evict_lookup();
  void send_without_path(Time now, const PublicKey& to, Packet payload);
  void cancel_postponed(const PublicKey& key);
  bool send_along(Time now, const PublicKey& to, const PathView& path, Packet& payload);
  void deliver(Time now, Peer& from, const Traffic& traffic, Packet body);
  void report_broken(Time now, Peer& from, const Traffic& traffic);
  void accept(Time now, Peer& from, const PathNotify& notify);
  void show(Time now, Peer& from, const PathNotify& notify);
  void take_path(Time now, const PublicKey& key, std::uint64_t seq, const PathView& coords);
  Correspondents::Entry* way_back(Instant now, const PublicKey& key);
  void correspondent_broken(Time now, const PublicKey& key);
  void keep_own_copy(Time now, KnownPath& path, const Packet& payload);
  void drop_own_copy(KnownPath& path);
  bool forward_stranded(Time now, Packet& body);
  void use_path(Time now, const PublicKey& key, KnownPath& path);
  void tell_path(const PublicKey& to, const PathView& path);
  void sign_coordinates(Time now);
  void tell_correspondents(Time now);
  void tick_lookups(Time now);
  void expire_paths(Time now);
  void make_room_for_path();

  const KeyPair& identity_;
  const Cryptography& cryptography_;
  const Policy& policy_;
  PeerTable& peers_;
  const Tree& tree_;
  Forwarder forwarder_;
  std::vector<RouterAction>& actions_;
  Directory* directory_ = nullptr;
  LookupObserver* observer_ = nullptr;
  LookupPolicy lookup_policy_ = LookupPolicy::automatic;

  std::map<PublicKey, KnownPath> paths_;
  Lookups lookups_;
  std::optional<Instant> lookups_due_;  ///< no lookup has anything to do before; may be early
  std::size_t waiting_bytes_ = 0;
  Correspondents correspondents_;

  Path told_coordinates_;           ///< what we told, or would tell, others last
  std::optional<Instant> tell_at_;  ///< when correspondents are to be told
  Instant last_told_{};
  std::uint64_t own_seq_ = 0;
  std::vector<std::uint8_t> signed_coordinates_;
  Signature own_signature_;
  bool signed_yet_ = false;
  std::optional<Instant> paths_checked_;

  struct Stranded {
    Packet body;
    Instant until;
  };
  std::deque<Stranded> stranded_;
  std::optional<Instant> stranded_due_;
  std::size_t own_copies_ = 0;
};

}  // namespace thicket::routing
