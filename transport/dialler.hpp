#pragma once

#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/random.hpp"
#include "transport/connection.hpp"
#include "transport/limits.hpp"
#include "transport/name_lookup.hpp"
#include "transport/peer_uri.hpp"
#include "transport/socket.hpp"

namespace thicket::transport {

/// Whether a dialler goes on after a failed round or a lost link.
enum class Redial { always, never };

/// Keeps a link to one peer: finds its addresses, tries them in turn, and, if it is a configured
/// one, tries again with exponential back-off for as long as it is wanted.
class Dialler final : public std::enable_shared_from_this<Dialler> {
 public:
  using Clock = std::chrono::steady_clock;

  class Owner {
   public:
    virtual ~Owner() = default;
    /// Makes a connection, not yet started, out of a connected socket.
    virtual std::shared_ptr<Connection> make_connection(const Dialler& dialler, UniqueFd fd,
                                                        const SocketAddress& remote) = 0;
    /// Every address failed; another round follows unless the peer is ourselves. `reason` says so.
    virtual void dial_failed(const Dialler& dialler, std::string_view reason) = 0;
    /// It does not redial and has nothing left to do; called last.
    virtual void dialler_done(Dialler& dialler) = 0;
  };

  Dialler(asio::io_context& io, Owner& owner, Random& random, const Timings& timings, PeerUri uri,
          std::string interface, std::shared_ptr<const ConnectionTerms> terms,
          Redial redial = Redial::always);

  void start();
  /// Ends dialling for good; an existing connection is the caller's to close.
  void stop();

  /// Counts from the next wait on.
  void set_max_backoff(std::optional<std::chrono::milliseconds> longest) {
    uri_.max_backoff = longest;
  }

  /// What became of the connection made last.
  void setup_failed(const SetupFailure& failure);
  void went_down(std::string_view reason, Clock::duration uptime);

  const PeerUri& uri() const { return uri_; }
  const std::string& name() const { return name_; }
  const std::shared_ptr<const ConnectionTerms>& terms() const { return terms_; }
  /// Null while there is none.
  const std::shared_ptr<Connection>& connection() const { return connection_; }
  /// When the address that is tried, or was tried last, began to be.
  Clock::time_point attempt_began() const { return attempt_began_; }
  const std::string& last_error() const { return last_error_; }
  Clock::time_point last_error_at() const { return last_error_at_; }

 private:
  void begin_round();
  void try_addresses(Addresses addresses);
  void try_next();
  void try_address(const SocketAddress& address);
  bool is_attempt(unsigned number) const { return attempt_ && attempt_number_ == number; }
  void connected(const SocketAddress& address);
  void note_failure(const SocketAddress& address, std::string_view reason);
  void end_round();
  void remember(std::string_view error);
  void redial_later();
  void finish();
  std::chrono::milliseconds next_delay();

  asio::io_context& io_;
  Owner& owner_;
  Random& random_;
  const Timings& timings_;
  PeerUri uri_;
  std::string name_;
  std::string interface_;
  std::shared_ptr<const ConnectionTerms> terms_;
  const Redial redial_;

  bool stopped_ = false;
  unsigned doublings_ = 0;
  asio::steady_timer timer_;  // until the next round, or until an attempt to connect is given up
  std::optional<asio::posix::stream_descriptor> attempt_;
  unsigned attempt_number_ = 0;
  Clock::time_point attempt_began_;
  NameLookup lookup_;
  std::vector<SocketAddress> addresses_;
  std::size_t next_address_ = 0;
  std::string failure_;  // of the address tried last in this round
  std::shared_ptr<Connection> connection_;
  std::string last_error_;
  Clock::time_point last_error_at_;
};

}  // namespace thicket::transport
