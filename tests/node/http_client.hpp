#pragma once

#include <asio/ip/tcp.hpp>
#include <asio/read.hpp>
#include <asio/write.hpp>
#include <functional>
#include <string>

namespace thicket::node::testing {

/// One connection to an HTTP server on loopback, in whose loop it is driven.
class HttpClient {
 public:
  /// Runs the loop until the condition holds; false: it did not in good time.
  using RunUntil = std::function<bool(const std::function<bool()>&)>;

  HttpClient(asio::io_context& io, RunUntil run_until, std::uint16_t port)
      : run_until_(std::move(run_until)), socket_(io) {
    socket_.connect({asio::ip::address_v4::loopback(), port});
  }

  /// From the loop, so that the other side can read meanwhile.
  void send(std::string text) {
    sending_ = std::move(text);
    asio::async_write(socket_, asio::buffer(sending_), [](const asio::error_code&, std::size_t) {});
  }
  /// Begins to read all that comes.
  void begin_reading() {
    asio::async_read(socket_, asio::dynamic_buffer(received_),
                     [this](const asio::error_code& error, std::size_t) {
                       ended_ = true;
                       reset_ = error != asio::error::eof;
                     });
  }
  bool ended() const { return ended_; }
  bool was_reset() const { return reset_; }
  const std::string& received() const { return received_; }

  /// All that comes until the other side ends the connection.
  const std::string& read_to_end() {
    begin_reading();
    if (!run_until_([this] { return ended_; })) {
      socket_.close();
      run_until_([this] { return ended_; });
      received_ = "(the connection stays open)";
    }
    return received_;
  }
  const std::string& get(const std::string& path, const std::string& host = "localhost") {
    send("GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    return read_to_end();
  }

 private:
  RunUntil run_until_;
  asio::ip::tcp::socket socket_;
  std::string sending_;
  std::string received_;
  bool ended_ = false;
  bool reset_ = false;
};

inline std::string body_of(const std::string& reply) {
  const std::size_t at = reply.find("\r\n\r\n");
  return at == std::string::npos ? "" : reply.substr(at + 4);
}

}  // namespace thicket::node::testing
