#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/key_pair.hpp"
#include "crypto/packet.hpp"
#include "crypto/random.hpp"
#include "transport/links.hpp"
#include "transport/socket.hpp"

// Several Links on one event loop and real loopback sockets, for tests.
namespace thicket::transport::testing {

using Bytes = std::vector<std::uint8_t>;

struct Down {
  LinkInfo link;
  std::string reason;
};
struct Failure {
  std::string uri;
  bool inbound = false;
  std::string reason;
};

/// Short enough that tests are quick, long enough that a busy machine does not fail them.
LinksOptions quick();

/// A node's links and a memory of all they reported.
class Host final : public LinkObserver {
 public:
  Host(asio::io_context& io, std::uint64_t seed, LinksOptions options = quick());

  /// Dials; the test fails if the URI is refused.
  void dial(const std::string& uri);
  /// Listens at `uri`, whose port is 0, and returns what to dial.
  std::string listen(const std::string& uri);
  /// Puts a frame with this body into the queue of `link` and wakes it.
  void send(LinkId link, const Bytes& body);
  void queue(LinkId link, const Bytes& body);

  const PublicKey& key() const { return identity.public_key(); }
  bool is_up(std::size_t count = 1) const { return ups.size() - downs.size() >= count; }
  PeerStatus status(std::string_view uri) const;
  std::string last_failure() const { return failures.empty() ? "" : failures.back().reason; }

  KeyPair identity;
  SeededRandom random;
  std::vector<LinkInfo> ups;
  std::vector<Down> downs;
  std::vector<Failure> failures;
  std::map<LinkId, std::deque<Packet>> queues;
  std::map<LinkId, std::vector<Bytes>> received;
  std::map<LinkId, std::uint64_t> received_bytes;
  std::map<LinkId, int> heard;
  std::map<LinkId, int> batches;
  std::function<void(LinkId, Packet&)> on_frame;  ///< instead of keeping the body
  std::function<void(const LinkInfo&)> on_up;
  std::function<std::optional<Packet>(LinkId)> produce;  ///< instead of the queues
  Links links;

 private:
  void link_up(const LinkInfo& link) override;
  void link_down(const LinkInfo& link, std::string_view reason) override;
  void link_heard(LinkId link) override;
  void frame_received(LinkId link, Packet body) override;
  void batch_received(LinkId link) override;
  std::optional<Packet> next_frame(LinkId link) override;
  void link_failed(std::string_view uri, LinkOrigin origin, std::string_view reason) override;
};

/// Runs the loop until `condition` holds; false: it did not within a generous bound.
bool run_until(asio::io_context& io, const std::function<bool()>& condition);

/// A frame as it stands on the wire.
Packet framed(const Bytes& body);
Bytes to_bytes(ByteView view);

/// A hand-held TCP or unix client: says what the test wants it to.
class Stranger {
 public:
  /// Connects to what Host::listen() returned.
  explicit Stranger(const std::string& uri);
  int fd() const { return fd_.get(); }
  void send(ByteView bytes);
  /// Takes what has arrived. false: the connection has ended.
  bool read();
  bool ended();

  Bytes received;

 private:
  UniqueFd fd_;
};

/// A path for a unix socket that no other test uses.
std::string socket_path(std::string_view name);

}  // namespace thicket::transport::testing
