#pragma once

#include <string>
#include <string_view>

#include "node/monitoring/http_request.hpp"

namespace thicket::node {

struct HttpResponse {
  int status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string body;
  /// What a browser may do with it (Content-Security-Policy); unless given, nothing.
  std::string content_security_policy = "default-src 'none'; frame-ancestors 'none'";
};

/// The answer to a request that is not carried out: its reason, as text.
HttpResponse http_refusal(const HttpError& error);
/// As it is sent; `head`: without its body. The connection ends after it.
std::string to_wire(const HttpResponse& response, bool head);

}  // namespace thicket::node
