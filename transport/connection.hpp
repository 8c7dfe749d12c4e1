#pragma once

#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/public_key.hpp"
#include "routing/link_id.hpp"
#include "transport/byte_stream.hpp"
#include "transport/frame_reader.hpp"
#include "transport/frame_writer.hpp"
#include "transport/handshake.hpp"
#include "transport/links.hpp"
#include "transport/socket.hpp"

namespace thicket::transport {

/// What the connections of one peer, or of one listener, have in common.
struct ConnectionTerms {
  Scheme scheme = Scheme::tcp;
  bool inbound = false;
  std::uint8_t priority = 0;
  std::string password;
  std::vector<PublicKey> pinned;
  std::string server_name;           ///< SNI; empty: none
  std::vector<std::uint8_t> record;  ///< our handshake, but for what differs per connection
  InterfaceIndex discovered_on = 0;  ///< where local discovery made the link; 0: it did not
};

/// Why a connection that never came up did not.
struct SetupFailure {
  std::string reason;      ///< one human sentence
  bool ourselves = false;  ///< the link led back to us
};

class Connection;

/// Whoever keeps the connections. Called on the io_context's thread.
class ConnectionOwner {
 public:
  virtual ~ConnectionOwner() = default;
  /// The handshake is good. Gives the link its number, or nullopt with a reason to turn it away.
  virtual std::optional<LinkId> admit(Connection& connection, std::string& reason) = 0;
  virtual void connection_up(Connection& connection) = 0;
  /// Called once per connection that did not come up.
  virtual void setup_failed(Connection& connection, const SetupFailure& failure) = 0;
  /// Called once per connection that was up.
  virtual void connection_down(Connection& connection, std::string_view reason) = 0;

  virtual void heard(Connection& connection) = 0;
  virtual void take_frame(Connection& connection, Packet body) = 0;
  virtual void batch_done(Connection& connection) = 0;
  virtual std::optional<Packet> next_frame(Connection& connection) = 0;
  /// The connection has used up its write budget and wants another turn.
  virtual void want_turn(Connection& connection) = 0;
};

/// One byte stream to one other node, from the moment it is connected: secured, shaken hands over,
/// then carrying frames. Small until it is up: whatever is large is shared or comes later.
class Connection final : public std::enable_shared_from_this<Connection>,
                         private FrameReader::Sink {
 public:
  struct Context {
    asio::io_context& io;
    const PublicKey& own_key;
    const std::set<PublicKey>& allowed_public_keys;
    std::chrono::milliseconds setup_time;
  };
  /// `fd` is connected and non-blocking, and `stream` runs over it. `record` is our handshake.
  /// `context` and `owner` must
  /// outlive the connection's last callback; there is none after close().
  Connection(const Context& context, ConnectionOwner& owner, UniqueFd fd,
             std::unique_ptr<ByteStream> stream, std::shared_ptr<const ConnectionTerms> terms,
             std::vector<std::uint8_t> record, std::string uri, std::string remote);
  ~Connection() override;

  /// Begins. May fail at once, which calls back before this returns.
  void start();
  /// Writes what the owner's next_frame() has, unless the socket is full already.
  void write_frames();
  /// Ends the connection and calls back, unless it ended before.
  void close(std::string_view reason);

  bool up() const { return state_ == State::up; }
  bool closed() const { return state_ == State::closed; }
  const LinkInfo& info() const { return info_; }
  const ConnectionTerms& terms() const { return *terms_; }
  std::uint64_t bytes_received() const { return bytes_received_; }
  std::uint64_t bytes_sent() const { return bytes_sent_; }
  /// Since the link is up.
  std::chrono::steady_clock::duration uptime() const;

  /// For the owner: SocketAddress::origin() of an inbound connection.
  std::string origin;
  /// When what the link took to come up began; the owner may set it back.
  std::chrono::steady_clock::time_point begun = std::chrono::steady_clock::now();
  /// For the owner: whether a turn to write is booked already.
  bool turn_wanted = false;

 private:
  enum class State : std::uint8_t { securing, greeting, up, closed };
  /// What is only needed until the link is up.
  struct Setup;

  void proceed();
  bool secure();
  void send_greeting();
  bool greet();
  bool take_greeting(ByteView bytes);
  void come_up(ByteView rest);
  void read_frames();
  bool hand_over(std::size_t bytes);
  bool take_body(Packet body) override;

  void wait_to_read();
  void wait_to_write();
  void continue_reading();
  void fail(SetupFailure failure);
  void fail(const HandshakeFailure& failure);
  void end(State before, const SetupFailure& failure);
  std::string end_reason(IoResult::Status status) const;

  const Context& context_;
  ConnectionOwner& owner_;
  UniqueFd unwatchable_;  // the socket, if descriptor_ could not take it
  asio::posix::stream_descriptor descriptor_;
  std::unique_ptr<ByteStream> stream_;
  std::shared_ptr<const ConnectionTerms> terms_;
  LinkInfo info_;
  State state_ = State::securing;
  bool reading_ = false;  // waiting until the socket is readable
  bool writing_ = false;  // waiting until it is writable
  std::unique_ptr<Setup> setup_;
  FrameReader reader_;
  FrameWriter writer_;
  std::uint64_t bytes_received_ = 0;
  std::uint64_t bytes_sent_ = 0;
  std::chrono::steady_clock::time_point up_since_;
};

}  // namespace thicket::transport
