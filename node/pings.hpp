#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <variant>

#include "crypto/action_queue.hpp"
#include "crypto/address.hpp"
#include "crypto/packet.hpp"
#include "crypto/public_key.hpp"
#include "crypto/random.hpp"
#include "crypto/time.hpp"
#include "crypto/token_bucket.hpp"
#include "node/remote_queries.hpp"
#include "routing/endpoint.hpp"

namespace thicket::node {

/// How one ping is to be done.
struct PingOptions {
  /// An ICMPv6 echo, which the host there answers if it has an interface. Not for nodes that may
  /// have none: a stock one answers no questions any more once it got any IPv6 packet.
  bool echo = false;
  /// A question (wire.md §9, getself), which the node there answers itself.
  bool query = true;
  Duration timeout = std::chrono::seconds(2);  ///< for the answer, once there is a session
  std::size_t data_size = 56;                  ///< of the echo, in bytes
};

/// What came of one ping.
struct PingOutcome {
  enum class End {
    answered,
    silent,      ///< the session is there, but neither was answered in time
    no_session,  ///< there is a path, but no session came about
    not_found,   ///< no path
  };
  End end = End::not_found;
  PublicKey key;    ///< unless not found
  Address address;  ///< where the echo went; unless not found
  /// What finding it and setting up a session took; absent: there was one already.
  std::optional<Duration> lookup;
  std::optional<Duration> session;
  // Round trips of what was answered.
  std::optional<Duration> echo;
  std::optional<Duration> query;
};

/// Put `data` into the session with `to`.
struct SendPing {
  PublicKey to;
  Packet data;
};
/// Look for the node that it belongs to; Pings::resolved() is the answer.
struct FindPinged {
  PublicKey key_or_partial_key;
};
using PingAction = std::variant<SendPing, FindPinged>;

/// Pings of this node's own, without its host: finds the node, sets up a session, and measures how
/// long an answer takes. Sans-I/O.
class Pings {
 public:
  static constexpr std::size_t kMost = 32;  ///< at once
  static constexpr Rate kRate{.per_second = 50, .burst = 100};
  /// For finding the node and for the session, each.
  static constexpr Duration kConnectTime = std::chrono::seconds(5);
  static constexpr Duration kMostTimeout = std::chrono::seconds(10);
  static constexpr std::size_t kMostData = 1024;  ///< fits the smallest MTU
  static constexpr std::size_t kTokenSize = 16;   ///< the least data of an echo
  /// Once the host or the node has answered, the other one has a little longer.
  static constexpr Duration kGrace = std::chrono::milliseconds(50);

  using Handler = std::function<void(const PingOutcome&)>;

  /// References must outlive this.
  Pings(const routing::Endpoint& endpoint, RemoteQueries& queries, Random& random)
      : endpoint_(endpoint), queries_(queries), random_(random) {}

  /// Pings the node with that key (or partial key); the echo goes to `host`, or if absent to the
  /// node's address. `on_end` is called once, perhaps at once, never after the object is gone.
  /// False: there are too many, or they come too fast, and it will not be called.
  bool start(Time now, const PublicKey& key_or_partial_key, const std::optional<Address>& host,
             PingOptions options, Handler on_end);

  /// There is a path to `key`.
  void resolved(Time now, const PublicKey& key);
  /// An IPv6 packet that arrived in the session with `from`. True: it answers an echo of ours, and
  /// is none of the host's.
  bool from_mesh(Time now, const PublicKey& from, ByteView packet);

  void tick(Time now);
  std::optional<Instant> next_deadline() const;
  /// What to do next, in order. Poll until there is nothing after every other call.
  std::optional<PingAction> next_action() { return actions_.pop(); }

 private:
  using Token = std::array<std::uint8_t, kTokenSize>;
  enum class Stage { finding, greeting, probing };
  struct Ping {
    LookupKey wanted;
    std::optional<Address> host;
    PingOptions options;
    Handler on_end;
    Stage stage = Stage::finding;
    Instant stage_began;
    Instant ends_at;
    Token token{};
    PingOutcome outcome;
  };
  using Entry = std::map<std::uint64_t, Ping>::iterator;

  std::optional<PublicKey> known_key(const LookupKey& wanted) const;
  void found(Time now, std::uint64_t id, const PublicKey& key);
  void greet(Time now, std::uint64_t id);
  void probe(Time now, std::uint64_t id);
  void send_echo(std::uint64_t id, Ping& ping);
  void send_query(Time now, std::uint64_t id);
  void answered(Instant now, Entry entry);
  void end(Entry entry, PingOutcome::End how);

  const routing::Endpoint& endpoint_;
  RemoteQueries& queries_;
  Random& random_;
  std::map<std::uint64_t, Ping> pings_;
  std::uint64_t last_id_ = 0;
  TokenBucket rate_{kRate};
  crypto::ActionQueue<PingAction> actions_;
};

}  // namespace thicket::node
