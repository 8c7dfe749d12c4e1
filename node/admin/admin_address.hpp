#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/result.hpp"

namespace thicket::node {

/// Where an administration socket listens. One of both is set.
struct AdminAddress {
  std::string path;  ///< of a UNIX socket; empty: TCP
  std::string host;  ///< numeric loopback address
  std::uint16_t port = 0;
};

/// Parses unix:///path or tcp://host:port. The error is one sentence.
Result<AdminAddress, std::string> parse_admin_address(std::string_view uri);

/// Makes room for a socket at `path`: removes a socket file that nobody answers at. It is an error
/// if somebody does or if another kind of file stands there.
Result<void, std::string> clear_socket_path(const std::string& path);

}  // namespace thicket::node
