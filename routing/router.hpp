#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "crypto/cryptography.hpp"
#include "crypto/key_pair.hpp"
#include "crypto/packet.hpp"
#include "crypto/public_key.hpp"
#include "crypto/random.hpp"
#include "crypto/time.hpp"
#include "routing/directory.hpp"
#include "routing/link_id.hpp"
#include "routing/path.hpp"
#include "routing/policy.hpp"
#include "routing/router_action.hpp"
#include "routing/router_counters.hpp"

namespace thicket::routing {

namespace dht {
class Dht;
}

struct Link;

struct RouterOptions {
  Policy policy;
  LookupPolicy lookup = LookupPolicy::automatic;
  DhtParticipation dht = DhtParticipation::invited;
};

struct PeerInfo {
  PublicKey key;
  Port port;
  Path coordinates;
  std::uint64_t cost = 0;  ///< smoothed round trip, ms, at least 1
  Duration round_trip{};   ///< last sample; 0: none yet
  bool on_tree = false;
  std::vector<LinkId> links;
};
struct TreeEntry {
  PublicKey key;
  PublicKey parent;
  std::uint64_t seq = 0;
};
struct PathInfo {
  PublicKey key;
  Path path;
  std::uint64_t seq = 0;
  bool broken = false;
};

/// The protocol core of wire.md §2 to §7. Sans-I/O and single-threaded.
class Router {
 public:
  Router(const KeyPair& identity, const Cryptography& cryptography, Random& random,
         RouterOptions options, Time now);
  ~Router();

  /// A link finished its handshake. `priority`: lower is better.
  void link_up(Time now, LinkId link, const PublicKey& peer, std::uint8_t priority);
  /// The peer takes part in the DHT (extension E1); after link_up, until its last link is down.
  void peer_takes_part(Time now, const PublicKey& peer);
  /// The same of any node to which there is a path (extension E3): it is asked for contacts, within
  /// limits.
  void node_takes_part(Time now, const PublicKey& key);
  /// A link ended, for whatever reason; must follow every CloseLink.
  void link_down(Time now, LinkId link);
  /// Any bytes at all arrived on the link: it is alive, even if a frame is not complete yet.
  void link_heard(Time now, LinkId link);
  /// One frame body (type byte first, no length prefix) that arrived on `link`.
  void receive(Time now, LinkId link, Packet body);
  /// The next frame to write to `link`, length prefix included; nullopt: nothing waits.
  std::optional<Packet> next_frame(Time now, LinkId link);
  /// Sends the payload of a Traffic frame, finding a path first if there is none.
  void send(Time now, const PublicKey& to, Packet payload);
  /// Looks for a node; PathFound answers. At most one lookup per key and second goes out.
  void lookup(Time now, const PublicKey& key_or_partial_key);
  /// RouterOptions::lookup anew, for lookups from now on. A router that takes no part in the DHT
  /// has no use for others than `bloom`.
  void use_lookup(LookupPolicy policy);
  /// Looks for a node every way there is, only to explain how it went: a LookupTraced with this id
  /// answers, within dht::limits::kWalkTime. nullopt: too many are in flight.
  std::optional<TraceId> trace_lookup(Time now, const PublicKey& key_or_partial_key);
  /// Does whatever is due; call it at next_deadline() or later. A change is due at once, unless the
  /// policy has rounds, so that several that arrive together are acted on together.
  void tick(Time now);
  std::optional<Instant> next_deadline() const;
  std::optional<RouterAction> next_action();

  const PublicKey& public_key() const;
  /// Of the tree we are in; our own key if we are its root.
  PublicKey root() const;
  const dht::Dht& dht() const;
  const DirectoryCounters& directory_counters() const;
  /// Lookups that went on by filters since the DHT did not answer.
  std::uint64_t lookup_fallbacks() const;
  PublicKey parent() const;  ///< our own key if we are the root
  Path coordinates() const;
  std::vector<PeerInfo> peers() const;
  std::vector<TreeEntry> tree() const;
  std::vector<PathInfo> paths() const;
  /// Memory of the frames that wait for the link where most do, in bytes.
  std::size_t longest_queue() const;
  /// Traffic frames dropped by the links' queues.
  std::uint64_t dropped_frames() const;
  const RouterCounters& counters() const;
  /// Memory of all tables in bytes: records, peers with their filters and positions, links with
  /// their queues (but not the frames in them), paths, lookups with the packets that wait for them,
  /// correspondents, and the copies kept of packets sent. Computed from counts and sizes: the same
  /// in every run.
  std::size_t state_bytes() const;
  /// Changes whenever our root or coordinates, or a peer's, may have changed.
  std::uint64_t tree_epoch() const;
  /// The peer that a frame with this destination path and watermark (2^64 - 1 at its source) would
  /// go to now; nullopt: none is nearer. Sends nothing.
  std::optional<PublicKey> next_hop(const Path& destination, std::uint64_t watermark) const;
  /// Asserts every invariant of routing/; slow, for debug builds, tests and simulations.
  void check_invariants() const;

 private:
  void maintain(Time now);
  std::optional<Instant> maintenance_deadline() const;
  void receive_traffic(Time now, Link& link, Packet body);
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace thicket::routing
