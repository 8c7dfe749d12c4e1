#pragma once

#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "crypto/result.hpp"
#include "transport/connection.hpp"
#include "transport/peer_uri.hpp"
#include "transport/socket.hpp"

namespace thicket::transport {

/// Accepts connections at one address.
class Listener final : public std::enable_shared_from_this<Listener> {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void accepted(const Listener& listener, UniqueFd fd, const SocketAddress& remote) = 0;
    /// File descriptors ran out: gives one back if that can be done. false: it cannot.
    virtual bool make_room() = 0;
  };

  Listener(asio::io_context& io, Owner& owner, std::shared_ptr<const ConnectionTerms> terms);
  ~Listener();

  /// Opens the socket and starts to accept. Returns the port, 0 for unix.
  Result<std::uint16_t, std::string> open(const PeerUri& uri);
  void close();

  const std::shared_ptr<const ConnectionTerms>& terms() const { return terms_; }
  /// For connections accepted from now on.
  void set_terms(std::shared_ptr<const ConnectionTerms> terms) { terms_ = std::move(terms); }
  /// Of the unix socket; empty for others.
  const std::string& path() const { return path_; }

 private:
  /// Device and inode; none if there is no such file.
  using FileId = std::optional<std::pair<std::uint64_t, std::uint64_t>>;
  static FileId file_at(const std::string& path);

  void wait();
  void accept_some();
  void pause();

  Owner& owner_;
  std::shared_ptr<const ConnectionTerms> terms_;
  asio::posix::stream_descriptor descriptor_;
  asio::steady_timer timer_;
  std::string path_;
  FileId file_;  // the unix socket that we made at path_
};

}  // namespace thicket::transport
