#pragma once

#include <array>
#include <asio/generic/stream_protocol.hpp>
#include <asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "node/admin/admin_requests.hpp"
#include "node/bounded_json.hpp"

namespace thicket::node {

/// One connection of the administration socket: reads a request, answers it, and so on for as long
/// as the other side wants. Lives on its own until it is closed.
class AdminConnection : public std::enable_shared_from_this<AdminConnection> {
 public:
  using Socket = asio::generic::stream_protocol::socket;

  /// `on_closed` is called once. `requests` must outlive the connection or close() be called
  /// before.
  AdminConnection(Socket socket, AdminRequests& requests,
                  std::function<void(AdminConnection&)> on_closed);

  void start();
  void close();

 private:
  void read();
  void received(std::size_t size);
  /// Looks for the end of a request in what has been received.
  void scan();
  void handle(std::string request);
  void reply(AdminReply reply);
  void replied(bool keep_open);
  void restart_idle_timer();

  Socket socket_;
  AdminRequests& requests_;
  std::function<void(AdminConnection&)> on_closed_;
  asio::steady_timer idle_timer_;
  std::array<char, 4096> chunk_{};
  std::string received_;
  std::size_t scanned_ = 0;
  JsonScanner scanner_;
  std::string sending_;
  bool closed_ = false;
};

}  // namespace thicket::node
