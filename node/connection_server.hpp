#pragma once

#include <asio/basic_socket_acceptor.hpp>
#include <asio/steady_timer.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "crypto/time.hpp"

namespace thicket::node {

/// Takes connections in, for as long as it is not closed, and holds at most so many: the oldest
/// makes room. Connection has a type Socket, start() and close(), and says once that it is closed.
template <class Connection>
class ConnectionServer : public std::enable_shared_from_this<ConnectionServer<Connection>> {
 public:
  using Socket = typename Connection::Socket;
  using Acceptor = asio::basic_socket_acceptor<typename Socket::protocol_type>;
  using OnClosed = std::function<void(Connection&)>;
  using Make = std::function<std::shared_ptr<Connection>(Socket, OnClosed)>;

  /// How long to leave off accepting after it failed: out of descriptors, most likely.
  static constexpr Duration kPause = std::chrono::seconds(1);

  ConnectionServer(Acceptor acceptor, std::size_t max_connections, Make make)
      : acceptor_(std::move(acceptor)),
        pause_(acceptor_.get_executor()),
        max_connections_(max_connections),
        make_(std::move(make)) {}

  void accept() {
    acceptor_.async_accept(
        [weak = this->weak_from_this()](const asio::error_code& error, Socket socket) {
          const auto self = weak.lock();
          if (!self || self->closed_) return;
          if (error) return self->rest();
          self->take(std::move(socket));
          self->accept();
        });
  }

  /// Nothing is accepted, and `make` not called, afterwards.
  void close() {
    if (std::exchange(closed_, true)) return;
    asio::error_code ignored;
    acceptor_.close(ignored);
    pause_.cancel();
    // Closing one takes it out of the list.
    for (const auto& connection : std::exchange(connections_, {})) connection->close();
  }

 private:
  void rest() {
    pause_.expires_after(kPause);
    pause_.async_wait([weak = this->weak_from_this()](const asio::error_code& cancelled) {
      const auto self = weak.lock();
      if (!cancelled && self && !self->closed_) self->accept();
    });
  }

  void take(Socket socket) {
    if (connections_.size() >= max_connections_) {
      const std::shared_ptr<Connection> oldest = connections_.front();
      oldest->close();  // takes it out of the list
    }
    auto connection = make_(std::move(socket), [weak = this->weak_from_this()](Connection& gone) {
      if (const auto self = weak.lock()) std::erase(self->connections_, gone.shared_from_this());
    });
    connections_.push_back(connection);
    connection->start();
  }

  Acceptor acceptor_;
  asio::steady_timer pause_;
  const std::size_t max_connections_;
  const Make make_;
  std::vector<std::shared_ptr<Connection>> connections_;  // oldest first
  bool closed_ = false;
};

}  // namespace thicket::node
