#include "node/monitoring/http_server.hpp"

#include <asio/ip/tcp.hpp>
#include <asio/ip/v6_only.hpp>
#include <asio/steady_timer.hpp>
#include <utility>
#include <vector>

#include "node/monitoring/http_connection.hpp"

namespace thicket::node {
namespace {

using Acceptor = asio::ip::tcp::acceptor;

// How long to leave off accepting after it failed: out of descriptors, most likely.
constexpr Duration kAcceptPause = std::chrono::seconds(1);

Result<Acceptor, std::string> listen(asio::io_context& io, const HttpAddress& address) {
  const asio::ip::tcp::endpoint end_point(address.host, address.port);
  Acceptor acceptor(io);
  asio::error_code error;
  acceptor.open(end_point.protocol(), error);
  if (!error) acceptor.set_option(Acceptor::reuse_address(true), error);
  // [::] is every address of this machine, whatever the system's default.
  if (!error && address.host.is_v6()) acceptor.set_option(asio::ip::v6_only(false), error);
  if (!error) acceptor.bind(end_point, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return failure(error.message());
  return acceptor;
}

}  // namespace

struct HttpServer::Server : std::enable_shared_from_this<Server> {
  Server(asio::io_context& io, Acceptor the_acceptor, Handler the_handler)
      : acceptor(std::move(the_acceptor)), pause(io), handler(std::move(the_handler)) {}

  void accept();
  void accepted(const asio::error_code& error, asio::ip::tcp::socket socket);
  void close();

  Acceptor acceptor;
  asio::steady_timer pause;
  Handler handler;
  std::vector<std::shared_ptr<HttpConnection>> connections;  // oldest first
  bool closed = false;
};

void HttpServer::Server::accept() {
  acceptor.async_accept(
      [weak = weak_from_this()](const asio::error_code& error, asio::ip::tcp::socket socket) {
        const auto self = weak.lock();
        if (self && !self->closed) self->accepted(error, std::move(socket));
      });
}

void HttpServer::Server::accepted(const asio::error_code& error, asio::ip::tcp::socket socket) {
  if (error) {
    pause.expires_after(kAcceptPause);
    pause.async_wait([weak = weak_from_this()](const asio::error_code& cancelled) {
      const auto self = weak.lock();
      if (!cancelled && self && !self->closed) self->accept();
    });
    return;
  }
  if (connections.size() >= kMaxConnections) {
    const std::shared_ptr<HttpConnection> oldest = connections.front();
    oldest->close();  // takes it out of the list
  }
  auto connection = std::make_shared<HttpConnection>(
      std::move(socket), handler, [weak = weak_from_this()](HttpConnection& gone) {
        const auto self = weak.lock();
        if (self) std::erase(self->connections, gone.shared_from_this());
      });
  connections.push_back(connection);
  connection->start();
  accept();
}

void HttpServer::Server::close() {
  if (std::exchange(closed, true)) return;
  asio::error_code ignored;
  acceptor.close(ignored);
  pause.cancel();
  for (const auto& connection : std::exchange(connections, {})) connection->close();
}

HttpServer::HttpServer(std::shared_ptr<Server> server) : server_(std::move(server)) {}
HttpServer::HttpServer(HttpServer&&) noexcept = default;
HttpServer& HttpServer::operator=(HttpServer&& other) noexcept {
  std::swap(server_, other.server_);
  return *this;
}
HttpServer::~HttpServer() {
  if (server_) server_->close();
}

Result<HttpServer, std::string> HttpServer::open(asio::io_context& io, const HttpAddress& address,
                                                 Handler handler) {
  auto acceptor = listen(io, address);
  if (!acceptor) return failure(acceptor.error());
  auto server = std::make_shared<Server>(io, std::move(*acceptor), std::move(handler));
  server->accept();
  return HttpServer(std::move(server));
}

HttpAddress HttpServer::address() const {
  asio::error_code error;
  const auto end_point = server_->acceptor.local_endpoint(error);
  return {end_point.address(), end_point.port()};
}

}  // namespace thicket::node
