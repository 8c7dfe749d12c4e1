#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/result.hpp"
#include "transport/peer_uri.hpp"

namespace thicket::transport {

/// A file descriptor that is closed with its owner; -1: none.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd();

  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

/// Where a socket is or leads.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  std::uint16_t port() const;  ///< 0 for unix
  /// "192.0.2.1:9001", "[2001:db8::1]:9001", "[fe80::1%eth0]:9001", or a path; an IPv4-mapped
  /// address reads as IPv4.
  std::string to_string() const;
  /// What strangers do not have many of: the bytes of the IPv4 address (also of a mapped one), or
  /// of the IPv6 address's /64. Empty for unix.
  std::string origin() const;
};

/// The address of a URI whose host is numeric, or its path. Error: an unknown zone.
Result<SocketAddress, std::string> numeric_address(const PeerUri& uri);

/// Why no peer can be dialled there: unspecified, multicast, or inside the mesh (wire.md §10).
/// Empty: one can.
std::string_view why_unusable(const SocketAddress& address);

/// A non-blocking socket on its way to `address`, bound to `interface` unless that is empty.
/// It becomes writable when the attempt is decided; then ask connect_result().
Result<UniqueFd, std::string> start_connect(const SocketAddress& address,
                                            const std::string& interface);
Result<void, std::string> connect_result(int fd);

/// A non-blocking listening socket. "::" takes IPv4 too, and only that on a system without IPv6; a
/// unix socket file that nobody listens on any more is replaced.
Result<UniqueFd, std::string> open_listener(const SocketAddress& address);
/// What a socket is bound to, or connected to; of size 0 if it is not.
SocketAddress local_address(int fd);
SocketAddress remote_address(int fd);

/// Sets a connected socket up for frames: no delay, little unsent data in the kernel. Best effort.
void tune_link_socket(int fd);

/// The operating system's sentence for an errno value, beginning in lower case.
std::string describe_errno(int error);

}  // namespace thicket::transport
