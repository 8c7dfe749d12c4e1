#include "transport/beacon_socket.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "transport/limits.hpp"

namespace thicket::transport {

namespace {

constexpr std::uint16_t kPort = 9001;
constexpr Ipv6Bytes kGroup{0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x14};

in6_addr to_in6(const Ipv6Bytes& bytes) {
  in6_addr address{};
  std::memcpy(&address, bytes.data(), bytes.size());
  return address;
}

sockaddr_in6 group_on(InterfaceIndex interface) {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(kPort);
  address.sin6_addr = to_in6(kGroup);
  address.sin6_scope_id = interface;
  return address;
}

template <class T>
bool set(int fd, int level, int option, const T& value) {
  return ::setsockopt(fd, level, option, &value, sizeof value) == 0;
}

}  // namespace

Result<BeaconSocket, std::string> BeaconSocket::open(InterfaceIndex interface) {
  const auto refuse = [](const char* what) { return failure(what + describe_errno(errno)); };
  UniqueFd fd(::socket(AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return refuse("no IPv6 socket: ");
  const int yes = 1;
  // Other nodes on this machine use the same group: whichever way they share it, so do we.
  set(fd.get(), SOL_SOCKET, SO_REUSEADDR, yes);
  set(fd.get(), SOL_SOCKET, SO_REUSEPORT, yes);
  set(fd.get(), SOL_SOCKET, SO_RCVBUF, kBeaconBuffer);
  set(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, yes);
  // Bound to the group on one interface, the socket gets what is sent to that, and nothing else.
  const sockaddr_in6 group = group_on(interface);
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&group), sizeof group) != 0) {
    return refuse("cannot use [ff02::114]:9001: ");
  }
  const ipv6_mreq membership{group.sin6_addr, interface};
  if (!set(fd.get(), IPPROTO_IPV6, IPV6_JOIN_GROUP, membership)) {
    return refuse("cannot join the group ff02::114: ");
  }
  const int index = static_cast<int>(interface);
  if (!set(fd.get(), IPPROTO_IPV6, IPV6_MULTICAST_IF, index)) {
    return refuse("cannot send to the group ff02::114: ");
  }
  return BeaconSocket(std::move(fd), interface);
}

std::optional<BeaconSocket::Datagram> BeaconSocket::receive(ByteSpan buffer) {
  sockaddr_in6 sender{};
  socklen_t size = sizeof sender;
  ssize_t count = -1;
  do {
    count = ::recvfrom(fd_.get(), buffer.data(), buffer.size(), 0,
                       reinterpret_cast<sockaddr*>(&sender), &size);
  } while (count < 0 && errno == EINTR);
  if (count < 0) return std::nullopt;
  Datagram datagram;
  if (sender.sin6_family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&sender.sin6_addr)) {
    datagram.size = static_cast<std::size_t>(count);
    std::memcpy(datagram.from.data(), &sender.sin6_addr, datagram.from.size());
  }
  return datagram;
}

void BeaconSocket::send(ByteView datagram, const Ipv6Bytes& source) {
  sockaddr_in6 group = group_on(interface_);
  iovec payload{const_cast<std::uint8_t*>(datagram.data()), datagram.size()};
  const in6_pktinfo info{to_in6(source), interface_};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof info)> control{};
  msghdr message{};
  message.msg_name = &group;
  message.msg_namelen = sizeof group;
  message.msg_iov = &payload;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  // The receiver dials where the beacon came from, and that is where we listen.
  cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = IPPROTO_IPV6;
  header->cmsg_type = IPV6_PKTINFO;
  header->cmsg_len = CMSG_LEN(sizeof info);
  std::memcpy(CMSG_DATA(header), &info, sizeof info);
  [[maybe_unused]] const ssize_t sent = ::sendmsg(fd_.get(), &message, 0);
}

}  // namespace thicket::transport
