#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "crypto/cryptography.hpp"
#include "crypto/key_pair.hpp"
#include "crypto/packet.hpp"
#include "crypto/public_key.hpp"
#include "crypto/random.hpp"
#include "crypto/session_manager.hpp"
#include "crypto/time.hpp"
#include "routing/hellos.hpp"
#include "routing/link_id.hpp"
#include "routing/path.hpp"
#include "routing/router.hpp"

namespace thicket::routing {

/// Data that `from` sent us end to end, authenticated and decrypted; first byte: its kind (§9).
struct Deliver {
  PublicKey from;
  Packet data;
};

/// What the owner of an Endpoint has to do next.
using EndpointAction = std::variant<LinkReady, CloseLink, Deliver, PathFound, LookupTraced>;

/// One whole node without its I/O: a Router and the SessionManager above it. The daemon, the
/// simulator and the tests all drive this same object.
class Endpoint {
 public:
  /// All references must outlive the endpoint.
  Endpoint(const KeyPair& identity, const Cryptography& cryptography, Random& random,
           RouterOptions router_options, crypto::SessionOptions session_options, Time now);

  /// What to tell the other ends of sessions (extension E3); nothing is told before.
  void offer(Capabilities capabilities) { hellos_.offer(std::move(capabilities)); }

  /// See Router::use_lookup().
  void use_lookup(LookupPolicy policy) { router_.use_lookup(policy); }

  void link_up(Time now, LinkId link, const PublicKey& peer, std::uint8_t priority);
  /// The peer takes part in the DHT (extension E1); after link_up.
  void peer_takes_part(Time now, const PublicKey& peer);
  void link_down(Time now, LinkId link);
  /// Any bytes at all arrived on the link: it is alive, even if a frame is not complete yet.
  void link_heard(Time now, LinkId link);
  /// One frame body (type byte first, no length prefix) that arrived on `link`.
  void receive(Time now, LinkId link, Packet body);
  /// The next frame to write to `link`, length prefix included; nullopt: nothing waits.
  std::optional<Packet> next_frame(Time now, LinkId link);

  /// Encrypts `data` for `to`, finding a path and setting up a session as need be.
  void send(Time now, const PublicKey& to, Packet data);
  /// Looks for the node whose key, address or subnet matches; a PathFound answers. The lookup is
  /// repeated, backing off, for Policy::lookup_lifetime; asking again extends that.
  void lookup(Time now, const PublicKey& key_or_partial_key);

  /// Looks for the node every way there is and answers, with a LookupTraced, how that went; see
  /// Router::trace_lookup().
  std::optional<TraceId> trace_lookup(Time now, const PublicKey& key_or_partial_key);

  void tick(Time now);
  std::optional<Instant> next_deadline() const;
  std::optional<EndpointAction> next_action();

  /// Memory of the tables of the router and the sessions in bytes; see there.
  std::size_t state_bytes() const { return router_.state_bytes() + sessions_.state_bytes(); }

  /// What the other end of the session with `key` offers; null: it did not say.
  const Capabilities* capabilities_of(const PublicKey& key) const;
  const HelloCounters& hello_counters() const { return hellos_.counters(); }
  const Router& router() const { return router_; }
  const crypto::SessionManager& sessions() const { return sessions_; }

 private:
  void pump(Time now);
  void deliver(Time now, crypto::DeliverData delivered);

  Router router_;
  crypto::SessionManager sessions_;
  Hellos hellos_;
  std::vector<EndpointAction> actions_;
  std::size_t next_action_ = 0;
};

}  // namespace thicket::routing
