#pragma once

#include <asio/io_context.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/key_pair.hpp"
#include "crypto/packet.hpp"
#include "crypto/public_key.hpp"
#include "crypto/random.hpp"
#include "crypto/result.hpp"
#include "routing/capabilities.hpp"
#include "routing/link_id.hpp"
#include "transport/interface_index.hpp"
#include "transport/limits.hpp"
#include "transport/peer_uri.hpp"

namespace thicket::transport {

using routing::LinkId;

/// Who wanted a link.
enum class LinkOrigin {
  configured,  ///< we dialled a peer that somebody named
  discovered,  ///< we dialled what local discovery found
  inbound,
};

/// One established link.
struct LinkInfo {
  LinkId id;
  PublicKey peer;
  bool inbound = false;
  std::uint8_t priority = 0;  ///< the larger of both sides'; lower is better
  std::string uri;     ///< without its query: what was dialled, or scheme and remote end point
  std::string remote;  ///< numeric remote end point
  /// What the peer says that it offers (E1); absent: nothing that we understand.
  std::optional<routing::Capabilities> capabilities{};
  bool discovered = false;  ///< made by local discovery, by theirs if inbound (wire.md §11)
  /// How long it took to come up: of a dialled one from the attempt to connect to `remote`, of an
  /// inbound one from when it was accepted. Looking up a name is not part of it.
  std::chrono::nanoseconds setup_time{};
};

/// The owner of all links. Called on the io_context's thread only; may call wake() and close().
class LinkObserver {
 public:
  virtual ~LinkObserver() = default;
  virtual void link_up(const LinkInfo& link) = 0;
  /// `reason` is one human sentence without a full stop. Links::close() calls this before it
  /// returns; nothing is called for the link after it.
  virtual void link_down(const LinkInfo& link, std::string_view reason) = 0;
  /// Bytes arrived; called once per read, before the frames it completed.
  virtual void link_heard(LinkId link) = 0;
  /// One frame body: type byte first, no length prefix, length checked.
  virtual void frame_received(LinkId link, Packet body) = 0;
  /// After all frames of one read were handed over.
  virtual void batch_received(LinkId link) = 0;
  /// Pulled while the link can take more; length prefix included. nullopt: nothing waits.
  virtual std::optional<Packet> next_frame(LinkId link) = 0;
  /// A dial or an inbound handshake failed; no link came up. One human sentence
  /// without a full stop; for a dial it ends with whether we try again.
  virtual void link_failed(std::string_view uri, LinkOrigin origin, std::string_view reason) = 0;
};

struct LinksOptions {
  /// Empty: any. For inbound links but those of local discovery (wire.md §2).
  std::set<PublicKey> allowed_public_keys;
  /// What we tell peers that we offer; `seen` is filled in per link. Absent: nothing.
  std::optional<routing::Capabilities> capabilities{};
  Timings timings;
  InboundLimits inbound = InboundLimits::of_this_process();
};

/// One dialled or inbound peer, for status displays and the administration socket.
struct PeerStatus {
  std::string uri;  ///< without its query
  bool up = false;
  bool inbound = false;
  std::optional<LinkId> link;
  PublicKey key;
  std::uint8_t priority = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  double uptime_seconds = 0;
  std::optional<routing::Capabilities> capabilities{};
  std::string last_error;  ///< empty: none yet
  double last_error_seconds_ago = 0;
};

/// What all links came to, those that ended included.
struct LinkTotals {
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t established = 0;  ///< links that came up
  std::uint64_t ended = 0;        ///< of those
};

/// What the links of local discovery on one interface come to, as far as one key is concerned.
struct LocalLoad {
  bool linked = false;       ///< a link to the key is up, or on its way
  std::size_t dialling = 0;  ///< dialled, not up yet
  std::size_t dialled = 0;   ///< dialled, up or not
};

/// Dials, listens, shakes hands (wire.md §2), and carries frames (wire.md §10). One per node, on
/// one io_context, single-threaded.
class Links {
 public:
  /// All references must outlive the object.
  Links(asio::io_context& io, const KeyPair& identity, Random& random, LinksOptions options,
        LinkObserver& observer);
  ~Links();

  /// Dials `uri` and keeps redialling. Errors: not a URI, unknown scheme, bad option, already
  /// there.
  Result<void, std::string> add_peer(std::string_view uri, std::string_view interface = {});
  Result<void, std::string> remove_peer(std::string_view uri, std::string_view interface = {});
  /// Whether add_peer() would find the peer there already. Options do not tell peers apart.
  bool has_peer(std::string_view uri, std::string_view interface = {}) const;
  /// true: the peer is dialled for good already, with the same key, password, priority and name for
  /// TLS; how long it waits between dials is taken over. false: it is not, and nothing has changed.
  bool keep_peer(std::string_view uri, std::string_view interface = {});
  /// Accepts links at `uri`; returns the bound port (useful when the URI says port 0).
  Result<std::uint16_t, std::string> listen(std::string_view uri);

  // For changes of the configuration; links stay unless said otherwise.

  /// Stops accepting at `uri`, its options aside. Errors: not a URI, nobody listens there.
  Result<void, std::string> stop_listening(std::string_view uri);
  /// Has the options of `uri` count for whoever links at it from now on. Errors as above.
  Result<void, std::string> change_listener(std::string_view uri);
  /// LinksOptions::allowed_public_keys anew; ends the inbound links that they do not allow.
  void allow(std::set<PublicKey> public_keys);
  /// LinksOptions::capabilities anew, for links that come up from now on.
  void offer(std::optional<routing::Capabilities> capabilities);

  // For local discovery (wire.md §11); links belong to the interface that they were found on.

  /// Accepts links at `uri`, a link-local address of `interface`; returns the bound port. At most
  /// one listener per interface: close_local_listener() first.
  Result<std::uint16_t, std::string> listen_locally(const PeerUri& uri, InterfaceIndex interface);
  void close_local_listener(InterfaceIndex interface);
  /// Dials `uri` once; when that fails or the link ends, the peer is forgotten. Errors: we have
  /// this peer already; there are as many discovered ones as we take.
  Result<void, std::string> dial_locally(const PeerUri& uri, InterfaceIndex interface);
  LocalLoad local_load(InterfaceIndex interface, const PublicKey& key) const;
  /// Ends all that listen_locally() and dial_locally() brought on `interface`.
  void close_local_links(InterfaceIndex interface, std::string_view reason);

  /// Frames wait for `link` (LinkObserver::next_frame).
  void wake(LinkId link);
  void close(LinkId link, std::string_view reason);
  /// Closes everything; afterwards nothing keeps the io_context busy.
  void shutdown();

  std::vector<PeerStatus> peers() const;
  LinkTotals totals() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace thicket::transport
