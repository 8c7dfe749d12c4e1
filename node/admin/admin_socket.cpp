#include "node/admin/admin_socket.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <asio/generic/stream_protocol.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>
#include <variant>

#include "node/admin/admin_address.hpp"
#include "node/admin/admin_connection.hpp"

namespace thicket::node {
namespace {

using UnixAcceptor = asio::local::stream_protocol::acceptor;
using TcpAcceptor = asio::ip::tcp::acceptor;

// How long to leave off accepting after it failed: out of descriptors, most likely.
constexpr Duration kAcceptPause = std::chrono::seconds(1);

/// Which file a path led to, to find out later whether it still does.
struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  bool operator==(const FileIdentity&) const = default;

  static FileIdentity of(const std::string& path) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) return {};
    return {status.st_dev, status.st_ino};
  }
};

Result<UnixAcceptor, std::string> listen_unix(asio::io_context& io, const std::string& path) {
  if (auto cleared = clear_socket_path(path); !cleared) return failure(cleared.error());
  UnixAcceptor acceptor(io);
  asio::error_code error;
  acceptor.open({}, error);
  if (!error) acceptor.bind(path, error);
  if (error) return failure(error.message());
  // Nobody can connect before listen(): no moment with wider access.
  if (::chmod(path.c_str(), 0660) != 0) {
    std::string reason = std::strerror(errno);
    ::unlink(path.c_str());
    return failure(std::move(reason));
  }
  acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return failure(error.message());
  return acceptor;
}

Result<TcpAcceptor, std::string> listen_tcp(asio::io_context& io, const AdminAddress& address) {
  const asio::ip::tcp::endpoint end_point(asio::ip::make_address(address.host), address.port);
  TcpAcceptor acceptor(io);
  asio::error_code error;
  acceptor.open(end_point.protocol(), error);
  if (!error) acceptor.set_option(TcpAcceptor::reuse_address(true), error);
  if (!error) acceptor.bind(end_point, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return failure(error.message());
  return acceptor;
}

}  // namespace

bool is_admin_enabled(std::string_view admin_listen) {
  return !admin_listen.empty() && admin_listen != "none";
}

struct AdminSocket::Server : std::enable_shared_from_this<Server> {
  Server(asio::io_context& io, AdminRequests& the_requests) : requests(the_requests), pause(io) {}

  void accept();
  void accepted(const asio::error_code& error, AdminConnection::Socket socket);
  void close();

  AdminRequests& requests;
  std::variant<std::monostate, UnixAcceptor, TcpAcceptor> acceptor;
  asio::steady_timer pause;
  std::set<std::shared_ptr<AdminConnection>> connections;
  std::string path;
  FileIdentity file;
  bool closed = false;
};

void AdminSocket::Server::accept() {
  const auto accept_on = [this](auto& open_acceptor) {
    open_acceptor.async_accept(
        [weak = weak_from_this()](const asio::error_code& error, auto socket) {
          const auto self = weak.lock();
          if (self && !self->closed) self->accepted(error, std::move(socket));
        });
  };
  if (auto* unix_acceptor = std::get_if<UnixAcceptor>(&acceptor)) accept_on(*unix_acceptor);
  if (auto* tcp_acceptor = std::get_if<TcpAcceptor>(&acceptor)) accept_on(*tcp_acceptor);
}

void AdminSocket::Server::accepted(const asio::error_code& error, AdminConnection::Socket socket) {
  if (error) {
    pause.expires_after(kAcceptPause);
    pause.async_wait([weak = weak_from_this()](const asio::error_code& cancelled) {
      const auto self = weak.lock();
      if (!cancelled && self && !self->closed) self->accept();
    });
    return;
  }
  if (connections.size() < kMaxConnections) {
    auto connection = std::make_shared<AdminConnection>(
        std::move(socket), requests, [weak = weak_from_this()](AdminConnection& gone) {
          if (const auto self = weak.lock()) self->connections.erase(gone.shared_from_this());
        });
    connections.insert(connection);
    connection->start();
  }
  accept();
}

void AdminSocket::Server::close() {
  if (std::exchange(closed, true)) return;
  acceptor.emplace<std::monostate>();
  pause.cancel();
  // Closing one takes it out of the set.
  for (const auto& connection : std::exchange(connections, {})) connection->close();
  if (!path.empty() && FileIdentity::of(path) == file) ::unlink(path.c_str());
}

AdminSocket::AdminSocket(std::shared_ptr<Server> server) : server_(std::move(server)) {}
AdminSocket::AdminSocket(AdminSocket&&) noexcept = default;
AdminSocket& AdminSocket::operator=(AdminSocket&& other) noexcept {
  std::swap(server_, other.server_);
  return *this;
}
AdminSocket::~AdminSocket() {
  if (server_) server_->close();
}

Result<AdminSocket, std::string> AdminSocket::open(asio::io_context& io, std::string_view uri,
                                                   AdminRequests& requests) {
  const Result<AdminAddress, std::string> address = parse_admin_address(uri);
  if (!address) return failure(address.error());
  auto server = std::make_shared<Server>(io, requests);
  if (address->path.empty()) {
    auto acceptor = listen_tcp(io, *address);
    if (!acceptor) return failure(acceptor.error());
    server->acceptor = std::move(*acceptor);
  } else {
    auto acceptor = listen_unix(io, address->path);
    if (!acceptor) return failure(acceptor.error());
    server->acceptor = std::move(*acceptor);
    server->path = address->path;
    server->file = FileIdentity::of(address->path);
  }
  server->accept();
  return AdminSocket(std::move(server));
}

std::uint16_t AdminSocket::port() const {
  const auto* acceptor = std::get_if<TcpAcceptor>(&server_->acceptor);
  if (acceptor == nullptr) return 0;
  asio::error_code error;
  return acceptor->local_endpoint(error).port();
}

}  // namespace thicket::node
