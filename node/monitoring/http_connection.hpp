#pragma once

#include <array>
#include <asio/ip/tcp.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "crypto/time.hpp"
#include "node/monitoring/http_request.hpp"
#include "node/monitoring/http_response.hpp"

namespace thicket::node {

/// One connection of an HttpServer: reads one request, answers it and ends. Lives on its own until
/// it is closed.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  using Socket = asio::ip::tcp::socket;
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  /// `handler` must outlive the connection or close() be called before; `on_closed` is called once.
  HttpConnection(Socket socket, const Handler& handler,
                 std::function<void(HttpConnection&)> on_closed);

  void start();
  void close();

 private:
  void read();
  void received(std::string_view bytes);
  void request_late();
  void answer(const HttpRequest& request);
  void reply(const HttpResponse& response, bool head);
  void end();
  void drain();
  /// Calls `late` unless the connection gets on within `time`.
  void restart_timer(Duration time, void (HttpConnection::*late)());

  Socket socket_;
  const Handler& handler_;
  std::function<void(HttpConnection&)> on_closed_;
  asio::steady_timer timer_;
  HttpRequestReader reader_;
  std::array<char, 2048> chunk_{};
  std::string sending_;
  std::size_t drained_ = 0;
  bool reading_ = true;
  bool closed_ = false;
};

}  // namespace thicket::node
