#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/result.hpp"

// Requests of HTTP/1.1 (RFC 9112), as far as pages need them that can only be read.
namespace thicket::node {

/// One request without a body.
struct HttpRequest {
  bool head = false;  ///< HEAD: the answer is wanted without its body; else GET
  std::string path;   ///< begins with '/', as it was sent, without its query
  std::string host;   ///< whom the client believes to talk to, with its port; empty: HTTP/1.0
  bool operator==(const HttpRequest&) const = default;
};

/// Why a request is not carried out.
struct HttpError {
  int status;               ///< 400 to 599
  std::string_view reason;  ///< one sentence without a full stop
  bool operator==(const HttpError&) const = default;
};

/// Reads one request that arrives in pieces.
class HttpRequestReader {
 public:
  static constexpr std::size_t kMaxBytes = 8 * 1024;  ///< of the request line and all fields
  static constexpr std::size_t kMaxFields = 64;

  /// nullopt: the request is not complete yet. Do not feed more once there is a result; what
  /// follows the request is not looked at.
  std::optional<Result<HttpRequest, HttpError>> feed(std::string_view bytes);

 private:
  using Done = Result<void, HttpError>;
  /// One line without its end; not the one that ends the request.
  Done take_line(std::string_view line);
  Done take_request_line(std::string_view line);
  Done take_target(std::string_view target);
  Done take_field(std::string_view line);
  Done take_host(std::string_view value);
  Result<HttpRequest, HttpError> finish();

  HttpRequest request_;
  std::string line_;
  std::size_t bytes_ = 0;
  std::size_t fields_ = 0;
  bool old_version_ = false;     // 1.0: needs no Host
  bool started_ = false;         // the request line has been read
  bool host_given_ = false;      // by a field
  bool host_of_target_ = false;  // by the request line, which then counts
};

}  // namespace thicket::node
