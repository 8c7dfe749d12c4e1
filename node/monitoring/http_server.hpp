#pragma once

#include <asio/io_context.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "crypto/result.hpp"
#include "crypto/time.hpp"
#include "node/monitoring/http_host.hpp"
#include "node/monitoring/http_request.hpp"
#include "node/monitoring/http_response.hpp"

namespace thicket::node {

/// Serves pages that can only be read: GET and HEAD of HTTP/1.1, one request per connection.
/// Requests for another host than the address they arrive at are refused; see is_own_host().
/// Closed when destroyed.
class HttpServer {
 public:
  /// When one more comes, the oldest is closed: an honest one takes moments.
  static constexpr std::size_t kMaxConnections = 32;
  /// From the connection on until the whole request is there.
  static constexpr Duration kRequestTime = std::chrono::seconds(5);
  /// Until the client has taken the answer.
  static constexpr Duration kReplyTime = std::chrono::seconds(20);
  /// What the client still sends then is thrown away, until it closes too, or no longer than this.
  static constexpr Duration kDrainTime = std::chrono::seconds(2);
  static constexpr std::size_t kMaxDrained = 256 * 1024;

  /// Answers at once; runs on the loop.
  using Handler = std::function<HttpResponse(const HttpRequest&)>;

  /// `io` must outlive the object. The error is one sentence without a full stop.
  static Result<HttpServer, std::string> open(asio::io_context& io, const HttpAddress& address,
                                              Handler handler);
  ~HttpServer();
  HttpServer(HttpServer&&) noexcept;
  HttpServer& operator=(HttpServer&&) noexcept;

  /// Where it listens, with the port that was chosen if any would do.
  HttpAddress address() const;

 private:
  struct Server;
  explicit HttpServer(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
};

}  // namespace thicket::node
