#include "node/admin/admin_address.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <asio/ip/address.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace thicket::node {
namespace {

constexpr std::string_view kUnix = "unix://";
constexpr std::string_view kTcp = "tcp://";

Result<AdminAddress, std::string> parse_tcp(std::string_view end_point) {
  const std::size_t colon = end_point.rfind(':');
  if (colon == std::string_view::npos) return failure(std::string("the port is missing"));
  AdminAddress address;
  address.host = std::string(end_point.substr(0, colon));
  if (address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  if (address.host == "localhost") address.host = "127.0.0.1";
  const std::string_view port = end_point.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc() || end != port.data() + port.size()) {
    return failure(fmt::format("\"{}\" is not a port", port));
  }
  asio::error_code not_numeric;
  const asio::ip::address host = asio::ip::make_address(address.host, not_numeric);
  if (not_numeric || !host.is_loopback()) {
    return failure(fmt::format("\"{}\" is not a loopback address", address.host));
  }
  return address;
}

/// Whether a program accepts connections at the socket file `path`.
bool is_answered(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  // Non-blocking: a full backlog is an answer too, and must not make us wait.
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return true;
  const int connected = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const bool answered = connected == 0 || (errno != ECONNREFUSED && errno != ENOENT);
  ::close(fd);
  return answered;
}

}  // namespace

Result<AdminAddress, std::string> parse_admin_address(std::string_view uri) {
  if (uri.substr(0, kTcp.size()) == kTcp) return parse_tcp(uri.substr(kTcp.size()));
  if (uri.substr(0, kUnix.size()) != kUnix) {
    return failure(std::string("expected unix:///path, tcp://localhost:port or none"));
  }
  AdminAddress address;
  address.path = std::string(uri.substr(kUnix.size()));
  if (address.path.empty()) return failure(std::string("the path is missing"));
  if (address.path.size() >= sizeof sockaddr_un::sun_path) {
    return failure(
        fmt::format("the path is longer than {} bytes", sizeof sockaddr_un::sun_path - 1));
  }
  return address;
}

Result<void, std::string> clear_socket_path(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return {};
    return failure(std::string(std::strerror(errno)));
  }
  if (!S_ISSOCK(status.st_mode)) return failure(std::string("a file that is no socket is there"));
  if (is_answered(path)) return failure(std::string("another program answers there"));
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return failure(fmt::format("cannot remove the old socket: {}", std::strerror(errno)));
  }
  return {};
}

}  // namespace thicket::node
