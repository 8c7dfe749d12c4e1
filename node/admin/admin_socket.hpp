#pragma once

#include <asio/io_context.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "crypto/result.hpp"
#include "crypto/time.hpp"
#include "node/admin/admin_requests.hpp"

namespace thicket::node {

/// false for the values of Config::admin_listen that ask for no socket: "" and "none".
bool is_admin_enabled(std::string_view admin_listen);

/// Where administration requests come in (admin.md §12): a UNIX socket or a TCP port on loopback.
/// Whoever can reach it can steer the node: a UNIX socket is open to its owner and group only.
/// Closed when destroyed; its file goes with it.
class AdminSocket {
 public:
  static constexpr std::size_t kMaxConnections = 32;  ///< beyond, the oldest makes room
  static constexpr std::size_t kMaxRequestSize = 64 * 1024;
  /// A connection that does not complete a request, or take its answer, in this time is closed.
  static constexpr Duration kIdleTimeout = std::chrono::seconds(60);

  /// `uri`: unix:///path or tcp://host:port, host a loopback address or localhost. A socket file
  /// that nobody answers at is replaced; one that is alive is an error, as is any other file.
  /// References must outlive the object. Errors are one sentence.
  static Result<AdminSocket, std::string> open(asio::io_context& io, std::string_view uri,
                                               AdminRequests& requests);
  ~AdminSocket();
  AdminSocket(AdminSocket&&) noexcept;
  AdminSocket& operator=(AdminSocket&&) noexcept;

  /// The TCP port; 0 for a UNIX socket.
  std::uint16_t port() const;

 private:
  struct Server;
  explicit AdminSocket(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
};

}  // namespace thicket::node
