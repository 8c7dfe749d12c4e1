#include "node/monitoring/http_server.hpp"

#include <asio/ip/tcp.hpp>
#include <asio/ip/v6_only.hpp>
#include <utility>

#include "node/connection_server.hpp"
#include "node/monitoring/http_connection.hpp"

namespace thicket::node {
namespace {

using Acceptor = asio::ip::tcp::acceptor;

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

struct HttpServer::Server {
  Handler handler;
  HttpAddress address;
  std::shared_ptr<ConnectionServer<HttpConnection>> connections;

  ~Server() { connections->close(); }
};

HttpServer::HttpServer(std::unique_ptr<Server> server) : server_(std::move(server)) {}
HttpServer::HttpServer(HttpServer&&) noexcept = default;
HttpServer& HttpServer::operator=(HttpServer&&) noexcept = default;
HttpServer::~HttpServer() = default;

Result<HttpServer, std::string> HttpServer::open(asio::io_context& io, const HttpAddress& address,
                                                 Handler handler) {
  auto acceptor = listen(io, address);
  if (!acceptor) return failure(acceptor.error());
  asio::error_code error;
  const auto end_point = acceptor->local_endpoint(error);
  auto server = std::make_unique<Server>();
  server->handler = std::move(handler);
  server->address = {end_point.address(), end_point.port()};
  server->connections = std::make_shared<ConnectionServer<HttpConnection>>(
      std::move(*acceptor), kMaxConnections,
      [&the_handler = server->handler](HttpConnection::Socket socket, auto on_closed) {
        return std::make_shared<HttpConnection>(std::move(socket), the_handler,
                                                std::move(on_closed));
      });
  server->connections->accept();
  return HttpServer(std::move(server));
}

HttpAddress HttpServer::address() const {
  return server_->address;
}

}  // namespace thicket::node
