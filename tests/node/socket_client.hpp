#pragma once

#include <asio/connect.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "node/test_nodes.hpp"

namespace thicket::node::testing {

/// One connection to an administration socket, driven by the loop of `nodes`.
class AdminClient {
 public:
  using Socket = asio::generic::stream_protocol::socket;

  AdminClient(TestNodes& nodes, const std::string& path)
      : nodes_(nodes), socket_(unix_socket(nodes.io, path)) {}
  AdminClient(TestNodes& nodes, std::uint16_t port)
      : nodes_(nodes), socket_(tcp_socket(nodes.io, port)) {}

  void send(const std::string& text) {
    asio::error_code error;
    asio::write(socket_, asio::buffer(text), error);
  }
  /// Sends from the loop, so that the other side can read meanwhile.
  void send_large(std::string text) {
    large_ = std::move(text);
    asio::async_write(socket_, asio::buffer(large_), [](const asio::error_code&, std::size_t) {});
  }

  /// What came until the other side closed. Fails the test if it never does.
  std::string read_to_end() {
    bool ended = false;
    std::string all;
    asio::async_read(socket_, asio::dynamic_buffer(all),
                     [&ended](const asio::error_code&, std::size_t) { ended = true; });
    const bool closed = nodes_.run_until([&] { return ended; });
    if (!closed) socket_.close();
    nodes_.run_until([&] { return ended; });
    EXPECT_TRUE(closed) << "the connection stays open";
    return all;
  }

  /// One reply, as it ends with "\n}\n", of a connection that stays open.
  std::string read_one() {
    bool ended = false;
    std::string all;
    asio::async_read(
        socket_, asio::dynamic_buffer(all),
        [&](const asio::error_code&, std::size_t) {
          return all.size() >= 3 && all.compare(all.size() - 3, 3, "\n}\n") == 0
                     ? std::size_t{0}
                     : std::size_t{4096};
        },
        [&ended](const asio::error_code&, std::size_t) { ended = true; });
    EXPECT_TRUE(nodes_.run_until([&] { return ended; }));
    return all;
  }

  nlohmann::json ask(const nlohmann::json& request) {
    send(request.dump());
    return nlohmann::json::parse(read_to_end(), nullptr, false);
  }

 private:
  static Socket unix_socket(asio::io_context& io, const std::string& path) {
    asio::local::stream_protocol::socket socket(io);
    socket.connect(path);
    return socket;
  }
  static Socket tcp_socket(asio::io_context& io, std::uint16_t port) {
    asio::ip::tcp::socket socket(io);
    socket.connect({asio::ip::address_v4::loopback(), port});
    return socket;
  }

  TestNodes& nodes_;
  Socket socket_;
  std::string large_;
};

}  // namespace thicket::node::testing
