#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "crypto/cryptography.hpp"
#include "crypto/key_pair.hpp"
#include "crypto/packet.hpp"
#include "crypto/public_key.hpp"
#include "crypto/random.hpp"
#include "crypto/time.hpp"
#include "routing/link_id.hpp"
#include "routing/path.hpp"

namespace thicket::routing {

/// Why the router wants a link ended.
enum class CloseReason {
  malformed_frame,
  bad_signature,       ///< of an Announce or SigRes
  invalid_record,      ///< port 0 with another parent, or SigRes with port 0
  silent,              ///< nothing heard for 3 s after we sent something
  queue_overflow,      ///< protocol frames piled up: the peer does not read
};
std::string_view describe(CloseReason reason);

/// Frames wait for `link`: call next_frame() while the link can take more.
struct LinkReady {
  LinkId link;
};
struct CloseLink {
  LinkId link;
  CloseReason reason;
  std::string_view detail;  ///< static text, may be empty
};
/// The payload of a Traffic frame that arrived for us, not yet authenticated.
struct DeliverPayload {
  PublicKey source;
  Packet payload;
};
/// A path to `key` is now known.
struct PathFound {
  PublicKey key;
};
using RouterAction = std::variant<LinkReady, CloseLink, DeliverPayload, PathFound>;

struct RouterOptions {};

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

  void link_up(Time now, LinkId link, const PublicKey& peer, std::uint8_t priority);
  void link_down(Time now, LinkId link);
  void link_heard(Time now, LinkId link);
  void receive(Time now, LinkId link, Packet body);
  std::optional<Packet> next_frame(Time now, LinkId link);
  /// Sends the payload of a Traffic frame, finding a path first if there is none.
  void send(Time now, const PublicKey& to, Packet payload);
  void lookup(Time now, const PublicKey& key_or_partial_key);
  void tick(Time now);
  std::optional<Instant> next_deadline() const;
  std::optional<RouterAction> next_action();

  const PublicKey& public_key() const;
  PublicKey root() const;
  PublicKey parent() const;  ///< our own key if we are the root
  Path coordinates() const;
  std::vector<PeerInfo> peers() const;
  std::vector<TreeEntry> tree() const;
  std::vector<PathInfo> paths() const;
  void check_invariants() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace thicket::routing
