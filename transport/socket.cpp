#include "transport/socket.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

#include "transport/limits.hpp"

namespace thicket::transport {

namespace {

template <class Address>
Address as(const SocketAddress& address) {
  Address result;
  std::memcpy(&result, &address.storage, sizeof result);
  return result;
}

template <class Address>
SocketAddress make_address(const Address& address) {
  SocketAddress result;
  std::memcpy(&result.storage, &address, sizeof address);
  result.size = sizeof address;
  return result;
}

bool is_mapped_ipv4(const in6_addr& address) {
  return IN6_IS_ADDR_V4MAPPED(&address) != 0;
}

std::string ipv4_to_string(const std::uint8_t* bytes, std::uint16_t port) {
  return fmt::format("{}.{}.{}.{}:{}", bytes[0], bytes[1], bytes[2], bytes[3], port);
}

std::string ipv6_to_string(const sockaddr_in6& address) {
  const std::uint16_t port = ntohs(address.sin6_port);
  if (is_mapped_ipv4(address.sin6_addr))
    return ipv4_to_string(&address.sin6_addr.s6_addr[12], port);
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(AF_INET6, &address.sin6_addr, text.data(), text.size());
  if (address.sin6_scope_id == 0) return fmt::format("[{}]:{}", text.data(), port);
  std::array<char, IF_NAMESIZE> name{};
  if (::if_indextoname(address.sin6_scope_id, name.data()) == nullptr) {
    return fmt::format("[{}%{}]:{}", text.data(), address.sin6_scope_id, port);
  }
  return fmt::format("[{}%{}]:{}", text.data(), name.data(), port);
}

std::string_view why_unusable(const std::uint8_t* ipv4) {
  if (ipv4[0] == 0) return "is unspecified";
  if (ipv4[0] >= 224) return "is multicast or reserved";
  return {};
}

std::string errno_sentence() {
  return describe_errno(errno);
}

Result<UniqueFd, std::string> new_socket(int family) {
  UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return failure("cannot make a socket: " + errno_sentence());
  return fd;
}

bool is_any_ipv6(const SocketAddress& address) {
  if (address.family() != AF_INET6) return false;
  const in6_addr ipv6 = as<sockaddr_in6>(address).sin6_addr;
  return IN6_IS_ADDR_UNSPECIFIED(&ipv6) != 0;
}

/// Removes a unix socket file if nobody accepts connections there.
void remove_stale_socket(const SocketAddress& address) {
  const auto path = as<sockaddr_un>(address);
  struct stat status {};
  if (::lstat(path.sun_path, &status) != 0 || !S_ISSOCK(status.st_mode)) return;
  auto probe = new_socket(AF_UNIX);
  if (!probe) return;
  if (::connect(probe->get(), address.get(), address.size) != 0 && errno == ECONNREFUSED) {
    ::unlink(path.sun_path);
  }
}

}  // namespace

UniqueFd::~UniqueFd() {
  if (fd_ >= 0) ::close(fd_);
}

std::string describe_errno(int error) {
  std::string text = std::generic_category().message(error);
  if (text.size() > 1 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'a' && text[1] <= 'z') {
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  }
  return text;
}

std::uint16_t SocketAddress::port() const {
  if (family() == AF_INET) return ntohs(as<sockaddr_in>(*this).sin_port);
  if (family() == AF_INET6) return ntohs(as<sockaddr_in6>(*this).sin6_port);
  return 0;
}

std::string SocketAddress::to_string() const {
  if (family() == AF_INET) {
    const auto address = as<sockaddr_in>(*this);
    std::array<std::uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &address.sin_addr, bytes.size());
    return ipv4_to_string(bytes.data(), port());
  }
  if (family() == AF_INET6) return ipv6_to_string(as<sockaddr_in6>(*this));
  if (family() == AF_UNIX && size > offsetof(sockaddr_un, sun_path)) {
    return as<sockaddr_un>(*this).sun_path;
  }
  return {};
}

std::string SocketAddress::origin() const {
  const auto text = [](const void* bytes, std::size_t count) {
    return std::string(static_cast<const char*>(bytes), count);
  };
  if (family() == AF_INET) {
    const in_addr ipv4 = as<sockaddr_in>(*this).sin_addr;
    return text(&ipv4, sizeof ipv4);
  }
  if (family() != AF_INET6) return {};
  const in6_addr ipv6 = as<sockaddr_in6>(*this).sin6_addr;
  return IN6_IS_ADDR_V4MAPPED(&ipv6) ? text(&ipv6.s6_addr[12], 4) : text(&ipv6, 8);
}

Result<SocketAddress, std::string> numeric_address(const PeerUri& uri) {
  if (uri.scheme == Scheme::unix_socket) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    uri.path.copy(address.sun_path, sizeof address.sun_path - 1);
    return make_address(address);
  }
  sockaddr_in ipv4{};
  if (::inet_pton(AF_INET, uri.host.c_str(), &ipv4.sin_addr) == 1) {
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(uri.port);
    return make_address(ipv4);
  }
  sockaddr_in6 ipv6{};
  if (::inet_pton(AF_INET6, uri.host.c_str(), &ipv6.sin6_addr) != 1) {
    return failure(fmt::format("'{}' is no numeric address", uri.host));
  }
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_port = htons(uri.port);
  if (!uri.zone.empty()) {
    ipv6.sin6_scope_id = ::if_nametoindex(uri.zone.c_str());
    const char* const end = uri.zone.data() + uri.zone.size();
    if (ipv6.sin6_scope_id == 0 &&
        std::from_chars(uri.zone.data(), end, ipv6.sin6_scope_id).ptr != end) {
      ipv6.sin6_scope_id = 0;
    }
    if (ipv6.sin6_scope_id == 0) {
      return failure(fmt::format("there is no network interface '{}'", uri.zone));
    }
  }
  return make_address(ipv6);
}

std::string_view why_unusable(const SocketAddress& address) {
  if (address.family() == AF_INET) {
    std::array<std::uint8_t, 4> bytes{};
    const auto ipv4 = as<sockaddr_in>(address);
    std::memcpy(bytes.data(), &ipv4.sin_addr, bytes.size());
    return why_unusable(bytes.data());
  }
  if (address.family() != AF_INET6) return {};
  const in6_addr ipv6 = as<sockaddr_in6>(address).sin6_addr;
  if (is_mapped_ipv4(ipv6)) return why_unusable(&ipv6.s6_addr[12]);
  if (IN6_IS_ADDR_UNSPECIFIED(&ipv6)) return "is unspecified";
  if (IN6_IS_ADDR_MULTICAST(&ipv6)) return "is multicast";
  if ((ipv6.s6_addr[0] & 0xfe) == 0x02) return "lies inside the mesh (200::/7)";
  return {};
}

Result<UniqueFd, std::string> start_connect(const SocketAddress& address,
                                            const std::string& interface) {
  auto fd = new_socket(address.family());
  if (!fd) return fd;
  if (!interface.empty() && address.family() != AF_UNIX &&
      ::setsockopt(fd->get(), SOL_SOCKET, SO_BINDTODEVICE, interface.c_str(),
                   static_cast<socklen_t>(interface.size())) != 0) {
    return failure(fmt::format("cannot bind to interface {}: {}", interface, errno_sentence()));
  }
  if (::connect(fd->get(), address.get(), address.size) != 0 && errno != EINPROGRESS) {
    return failure(errno_sentence());
  }
  return fd;
}

Result<void, std::string> connect_result(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return failure(describe_errno(error));
  return {};
}

Result<UniqueFd, std::string> open_listener(const SocketAddress& address) {
  auto fd = new_socket(address.family());
  if (!fd && errno == EAFNOSUPPORT && is_any_ipv6(address)) {
    sockaddr_in any{};
    any.sin_family = AF_INET;
    any.sin_port = htons(address.port());
    return open_listener(make_address(any));
  }
  if (!fd) return fd;
  const int yes = 1;
  const int no = 0;
  if (address.family() == AF_UNIX) {
    remove_stale_socket(address);
  } else {
    ::setsockopt(fd->get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    tune_link_socket(fd->get());  // accepted sockets inherit it
  }
  if (address.family() == AF_INET6) {
    ::setsockopt(fd->get(), IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no);
  }
  if (::bind(fd->get(), address.get(), address.size) != 0 ||
      ::listen(fd->get(), kListenBacklog) != 0) {
    return failure(fmt::format("cannot listen on {}: {}", address.to_string(), errno_sentence()));
  }
  return fd;
}

SocketAddress local_address(int fd) {
  SocketAddress address;
  address.size = sizeof address.storage;
  if (::getsockname(fd, address.get(), &address.size) != 0) address.size = 0;
  return address;
}

SocketAddress remote_address(int fd) {
  SocketAddress address;
  address.size = sizeof address.storage;
  if (::getpeername(fd, address.get(), &address.size) != 0) address.size = 0;
  return address;
}

void tune_link_socket(int fd) {
  const int yes = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  ::setsockopt(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, &kUnsentBytes, sizeof kUnsentBytes);
}

}  // namespace thicket::transport
