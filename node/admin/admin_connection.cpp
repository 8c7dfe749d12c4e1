#include "node/admin/admin_connection.hpp"

#include <asio/write.hpp>
#include <utility>

#include "node/admin/admin_socket.hpp"

namespace thicket::node {

AdminConnection::AdminConnection(Socket socket, AdminRequests& requests,
                                 std::function<void(AdminConnection&)> on_closed)
    : socket_(std::move(socket)),
      requests_(requests),
      on_closed_(std::move(on_closed)),
      idle_timer_(socket_.get_executor()) {}

void AdminConnection::start() {
  restart_idle_timer();
  read();
}

void AdminConnection::close() {
  if (std::exchange(closed_, true)) return;
  asio::error_code ignored;
  socket_.close(ignored);
  idle_timer_.cancel();
  on_closed_(*this);
}

void AdminConnection::restart_idle_timer() {
  idle_timer_.expires_after(AdminSocket::kIdleTimeout);
  idle_timer_.async_wait([self = shared_from_this()](const asio::error_code& error) {
    if (!error) self->close();
  });
}

void AdminConnection::read() {
  socket_.async_read_some(
      asio::buffer(chunk_),
      [self = shared_from_this()](const asio::error_code& error, std::size_t size) {
        if (self->closed_) return;
        if (error) return self->close();
        self->received(size);
      });
}

void AdminConnection::received(std::size_t size) {
  received_.append(chunk_.data(), size);
  scan();
}

void AdminConnection::scan() {
  auto state = JsonScanner::State::more;
  while (scanned_ < received_.size() && state == JsonScanner::State::more) {
    state = scanner_.feed(received_[scanned_++]);
  }
  if (state == JsonScanner::State::invalid) {
    return reply(AdminRequests::refusal("the request is not a JSON object"));
  }
  if (scanned_ > AdminSocket::kMaxRequestSize) {
    return reply(AdminRequests::refusal("the request is too long"));
  }
  if (state == JsonScanner::State::more) return read();

  std::string request = received_.substr(0, scanned_);
  received_.erase(0, scanned_);
  scanned_ = 0;
  scanner_ = JsonScanner();
  handle(std::move(request));
}

void AdminConnection::handle(std::string request) {
  restart_idle_timer();  // no request takes as long
  requests_.handle(request, [weak = weak_from_this()](AdminReply reply) {
    if (const auto self = weak.lock(); self && !self->closed_) self->reply(std::move(reply));
  });
}

void AdminConnection::reply(AdminReply reply) {
  restart_idle_timer();
  sending_ = std::move(reply.text);
  asio::async_write(socket_, asio::buffer(sending_),
                    [self = shared_from_this(), keep_open = reply.keep_open](
                        const asio::error_code& error, std::size_t) {
                      if (self->closed_) return;
                      if (error) return self->close();
                      self->replied(keep_open);
                    });
}

void AdminConnection::replied(bool keep_open) {
  sending_.clear();
  if (!keep_open) return close();
  restart_idle_timer();
  scan();
}

}  // namespace thicket::node
