#include "node/admin/admin_socket.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <cerrno>
#include <cstring>
#include <utility>

#include "node/admin/admin_address.hpp"
#include "node/admin/admin_connection.hpp"
#include "node/connection_server.hpp"

namespace thicket::node {
namespace {

using UnixAcceptor = asio::local::stream_protocol::acceptor;
using TcpAcceptor = asio::ip::tcp::acceptor;
using Connections = ConnectionServer<AdminConnection>;

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

struct AdminSocket::Server {
  std::shared_ptr<Connections> connections;  // null: it could not listen
  std::uint16_t port = 0;                    // 0: a UNIX socket
  std::string path;
  FileIdentity file;

  ~Server() {
    if (connections) connections->close();
    if (!path.empty() && FileIdentity::of(path) == file) ::unlink(path.c_str());
  }
};

AdminSocket::AdminSocket(std::unique_ptr<Server> server) : server_(std::move(server)) {}
AdminSocket::AdminSocket(AdminSocket&&) noexcept = default;
AdminSocket& AdminSocket::operator=(AdminSocket&&) noexcept = default;
AdminSocket::~AdminSocket() = default;

Result<AdminSocket, std::string> AdminSocket::open(asio::io_context& io, std::string_view uri,
                                                   AdminRequests& requests) {
  const Result<AdminAddress, std::string> address = parse_admin_address(uri);
  if (!address) return failure(address.error());
  const auto serve = [&requests](Connections::Acceptor acceptor) {
    auto connections = std::make_shared<Connections>(
        std::move(acceptor), kMaxConnections,
        [&requests](AdminConnection::Socket socket, Connections::OnClosed on_closed) {
          return std::make_shared<AdminConnection>(std::move(socket), requests,
                                                   std::move(on_closed));
        });
    connections->accept();
    return connections;
  };
  auto server = std::make_unique<Server>();
  if (address->path.empty()) {
    auto acceptor = listen_tcp(io, *address);
    if (!acceptor) return failure(acceptor.error());
    asio::error_code error;
    server->port = acceptor->local_endpoint(error).port();
    server->connections = serve(std::move(*acceptor));
  } else {
    auto acceptor = listen_unix(io, address->path);
    if (!acceptor) return failure(acceptor.error());
    server->path = address->path;
    server->file = FileIdentity::of(address->path);
    server->connections = serve(std::move(*acceptor));
  }
  return AdminSocket(std::move(server));
}

std::uint16_t AdminSocket::port() const {
  return server_->port;
}

}  // namespace thicket::node
