#include "node/monitoring/http_connection.hpp"

#include <asio/write.hpp>
#include <utility>

#include "node/monitoring/http_host.hpp"
#include "node/monitoring/http_server.hpp"

namespace thicket::node {

HttpConnection::HttpConnection(Socket socket, const Handler& handler,
                               std::function<void(HttpConnection&)> on_closed)
    : socket_(std::move(socket)),
      handler_(handler),
      on_closed_(std::move(on_closed)),
      timer_(socket_.get_executor()) {}

void HttpConnection::start() {
  restart_timer(HttpServer::kRequestTime, &HttpConnection::request_late);
  read();
}

void HttpConnection::close() {
  if (std::exchange(closed_, true)) return;
  asio::error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  on_closed_(*this);
}

void HttpConnection::restart_timer(Duration time, void (HttpConnection::*late)()) {
  timer_.expires_after(time);
  timer_.async_wait([self = shared_from_this(), late](const asio::error_code& error) {
    if (!error && !self->closed_) (self.get()->*late)();
  });
}

void HttpConnection::read() {
  socket_.async_read_some(
      asio::buffer(chunk_),
      [self = shared_from_this()](const asio::error_code& error, std::size_t size) {
        // A request that came too late has its answer already.
        if (self->closed_ || !self->reading_) return;
        if (error) return self->close();
        self->received({self->chunk_.data(), size});
      });
}

void HttpConnection::received(std::string_view bytes) {
  const auto request = reader_.feed(bytes);
  if (!request) return read();
  if (!*request) return reply(http_refusal(request->error()), false);
  answer(**request);
}

void HttpConnection::request_late() {
  if (!reading_) return;  // it came at the last moment
  asio::error_code ignored;
  socket_.cancel(ignored);
  reply(http_refusal({408, "the request took too long"}), false);
}

void HttpConnection::answer(const HttpRequest& request) {
  asio::error_code error;
  const auto local = socket_.local_endpoint(error);
  if (error) return close();
  if (!request.host.empty() && !is_own_host(request.host, local.address())) {
    return reply(http_refusal({421,
                               "ask by the address of this server, or by localhost on its "
                               "own machine"}),
                 request.head);
  }
  reply(handler_(request), request.head);
}

void HttpConnection::reply(const HttpResponse& response, bool head) {
  reading_ = false;
  restart_timer(HttpServer::kReplyTime, &HttpConnection::close);
  sending_ = to_wire(response, head);
  asio::async_write(socket_, asio::buffer(sending_),
                    [self = shared_from_this()](const asio::error_code& error, std::size_t) {
                      if (self->closed_) return;
                      if (error) return self->close();
                      self->end();
                    });
}

/// Closing a socket that holds unread bytes resets it, and the client may lose our answer.
void HttpConnection::end() {
  asio::error_code error;
  socket_.shutdown(asio::ip::tcp::socket::shutdown_send, error);
  if (error) return close();
  restart_timer(HttpServer::kDrainTime, &HttpConnection::close);
  drain();
}

void HttpConnection::drain() {
  socket_.async_read_some(
      asio::buffer(chunk_),
      [self = shared_from_this()](const asio::error_code& error, std::size_t size) {
        if (self->closed_) return;
        self->drained_ += size;
        if (error || self->drained_ > HttpServer::kMaxDrained) return self->close();
        self->drain();
      });
}

}  // namespace thicket::node
