#include "node/admin/admin_client.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <asio/error.hpp>
#include <asio/generic/stream_protocol.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/write.hpp>
#include <nlohmann/json.hpp>
#include <vector>

#include "node/admin/admin_address.hpp"
#include "node/admin/admin_socket.hpp"
#include "node/bounded_json.hpp"

namespace thicket::node {

namespace {

using nlohmann::json;
using Kind = AdminClientError::Kind;
using Protocol = asio::generic::stream_protocol;

Result<Protocol::endpoint, AdminClientError> end_point_of(std::string_view uri) {
  const auto address = parse_admin_address(uri);
  if (!address) {
    return failure(
        AdminClientError{Kind::bad_address, fmt::format("{}: {}", uri, address.error())});
  }
  if (!address->path.empty()) {
    return Protocol::endpoint(asio::local::stream_protocol::endpoint(address->path));
  }
  return Protocol::endpoint(
      asio::ip::tcp::endpoint(asio::ip::make_address(address->host), address->port));
}

/// One request and its reply, on a loop of its own.
class Exchange {
 public:
  Exchange(const Protocol::endpoint& end_point, std::string request)
      : socket_(io_), request_(std::move(request)) {
    socket_.async_connect(end_point, [this](const asio::error_code& error) {
      connected_ = !error;
      if (error) return fail(error);
      asio::async_write(socket_, asio::buffer(request_),
                        [this](const asio::error_code& failed, std::size_t) {
                          if (failed) fail(failed);
                        });
      read();
    });
  }

  /// Ends the exchange once `descriptor` is readable.
  void stop_at(int descriptor) {
    const int own = ::dup(descriptor);
    if (own < 0) return;
    stop_.assign(own);
    stop_.async_wait(asio::posix::stream_descriptor::wait_read,
                     [this](const asio::error_code& error) {
                       if (error) return;
                       interrupted_ = true;
                       io_.stop();
                     });
  }

  void run(Duration timeout) {
    io_.run_for(std::chrono::duration_cast<std::chrono::nanoseconds>(timeout));
    asio::error_code ignored;
    socket_.close(ignored);
  }

  bool connected() const { return connected_; }
  bool interrupted() const { return interrupted_; }
  bool too_long() const { return reply_.size() > kMaxAdminReply; }
  bool complete() const { return state_ == JsonScanner::State::complete; }
  bool invalid() const { return state_ == JsonScanner::State::invalid; }
  const asio::error_code& error() const { return error_; }
  std::string_view reply() const { return std::string_view(reply_).substr(0, scanned_); }

 private:
  void read() {
    socket_.async_read_some(asio::buffer(chunk_),
                            [this](const asio::error_code& error, std::size_t size) {
                              if (error) return fail(error);
                              take(size);
                            });
  }
  void take(std::size_t size) {
    reply_.append(chunk_.data(), size);
    while (scanned_ < reply_.size() && state_ == JsonScanner::State::more) {
      state_ = scanner_.feed(reply_[scanned_++]);
    }
    if (state_ == JsonScanner::State::more && !too_long()) return read();
    io_.stop();
  }
  void fail(const asio::error_code& error) {
    error_ = error;
    io_.stop();
  }

  asio::io_context io_{1};
  Protocol::socket socket_;
  asio::posix::stream_descriptor stop_{io_};
  std::string request_;
  std::array<char, 16384> chunk_{};
  std::string reply_;
  std::size_t scanned_ = 0;
  JsonScanner scanner_;
  JsonScanner::State state_ = JsonScanner::State::more;
  asio::error_code error_;
  bool connected_ = false;
  bool interrupted_ = false;
};

/// The response in a whole reply.
Result<json, AdminClientError> response_in(std::string_view uri, std::string_view text) {
  std::optional<json> reply = parse_object(text);
  if (!reply || !reply->contains("status") || !(*reply)["status"].is_string()) {
    return failure(AdminClientError{Kind::bad_reply, fmt::format("{}: the reply is not one of an "
                                                                 "administration socket",
                                                                 uri)});
  }
  if ((*reply)["status"] != "success") {
    const auto why = reply->find("error");
    const bool said = why != reply->end() && why->is_string();
    return failure(AdminClientError{
        Kind::refused, said ? why->get<std::string>() : std::string("the node gives no reason")});
  }
  return std::move((*reply)["response"]);
}

/// The socket of a node without a configuration that we may read: our own, else one that root or
/// the system's service runs; our own if none is there.
std::string likely_socket(const Environment& environment) {
  const std::string own = default_admin_listen(environment);
  std::vector<std::string> uris{own};
  if (const std::string& run = environment.system_runtime; !run.empty()) {
    uris.push_back("unix://" + run + "/thicket/thicket.sock");
    uris.push_back("unix://" + run + "/thicket.sock");
  }
  const auto exists = [](const std::string& uri) {
    const auto address = parse_admin_address(uri);
    std::error_code ignored;
    return address && std::filesystem::is_socket(address->path, ignored);
  };
  const auto there = std::find_if(uris.begin(), uris.end(), exists);
  return there == uris.end() ? own : *there;
}

}  // namespace

Result<std::string, AdminClientError> find_admin_socket(
    const std::optional<std::string>& named, const std::optional<std::string>& config_file,
    const Environment& environment) {
  if (named) return *named;
  const std::filesystem::path file =
      config_file ? std::filesystem::path(*config_file) : default_config_file(environment);
  Result<Config, ConfigError> config = failure(ConfigError{});
  if (!file.empty()) config = load_config(file);
  if (config_file && !config) {
    return failure(AdminClientError{Kind::bad_config, config.error().to_string()});
  }
  std::string listen = config ? config->admin_listen : likely_socket(environment);
  if (is_admin_enabled(listen)) return listen;
  return failure(AdminClientError{
      Kind::no_socket,
      config ? fmt::format("{} has AdminListen: none: there is no socket to ask at", file.string())
             : std::string("there is no folder that the node's socket could be in; name it with "
                           "--socket")});
}

Result<json, AdminClientError> ask_admin(std::string_view uri, std::string_view request,
                                         const json& arguments, Duration timeout,
                                         int stop_descriptor) {
  const auto end_point = end_point_of(uri);
  if (!end_point) return failure(end_point.error());
  Exchange exchange(*end_point,
                    to_text({{"request", request}, {"arguments", arguments}}, false) + "\n");
  if (stop_descriptor >= 0) exchange.stop_at(stop_descriptor);
  exchange.run(timeout);
  if (exchange.complete()) return response_in(uri, exchange.reply());
  const auto failed = [&](Kind kind, std::string what) {
    return failure(AdminClientError{kind, fmt::format("{}: {}", uri, what)});
  };
  if (exchange.interrupted()) return failed(Kind::interrupted, "interrupted");
  if (exchange.invalid() || exchange.too_long()) {
    return failed(Kind::bad_reply,
                  exchange.invalid() ? "the reply is not JSON" : "the reply is too long");
  }
  if (!exchange.connected()) {
    const bool denied = exchange.error() == asio::error::access_denied;
    return failed(denied ? Kind::no_permission : Kind::no_socket,
                  exchange.error() ? exchange.error().message() : "nobody answers there");
  }
  return failed(Kind::no_reply,
                exchange.error() ? "it closed before the reply was complete" : "no reply in time");
}

}  // namespace thicket::node
