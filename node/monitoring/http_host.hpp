#pragma once

#include <asio/ip/address.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/result.hpp"

namespace thicket::node {

/// Where an HTTP server listens.
struct HttpAddress {
  asio::ip::address host;
  std::uint16_t port = 0;  ///< 0: any

  bool is_loopback() const;
  std::string to_string() const;  ///< "127.0.0.1:9100", "[::1]:9100"
};

/// Parses "address:port", "[address]:port" or "localhost:port". The error is one sentence without
/// a full stop.
Result<HttpAddress, std::string> parse_http_address(std::string_view text);

/// Whether a request that names `host`, port included, is meant for a server at whose address
/// `local` it arrived. A page from elsewhere can make its own name lead to us (DNS rebinding) and
/// have its visitor's browser ask here: so the only name is localhost, and that only on loopback;
/// else it is the address itself. The port is not compared: it may be forwarded.
bool is_own_host(std::string_view host, const asio::ip::address& local);

}  // namespace thicket::node
