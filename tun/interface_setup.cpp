#include "tun/interface_setup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "tun/netlink_request.hpp"

namespace thicket::tun {
namespace {

using Status = Result<void, std::string>;

/// A rtnetlink socket for requests that are answered with an acknowledgement only.
class Netlink {
 public:
  Netlink(Netlink&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}
  ~Netlink() {
    if (socket_ >= 0) ::close(socket_);
  }
  static Result<Netlink, std::string> open() {
    Netlink netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    // Connected: what others than the kernel send is not taken.
    if (netlink.socket_ < 0 ||
        ::connect(netlink.socket_, reinterpret_cast<const sockaddr*>(&kernel), sizeof kernel) < 0) {
      return failure(fmt::format("cannot open a netlink socket: {}", std::strerror(errno)));
    }
    return netlink;
  }

  /// 0, or the errno the kernel answered.
  int send(NetlinkRequest request) {
    if (!request.fits()) return EMSGSIZE;
    const std::span<const std::byte> message = request.encode(++sequence_);
    if (::send(socket_, message.data(), message.size(), 0) < 0) return errno;
    while (true) {
      alignas(nlmsghdr) std::array<std::byte, 8192> reply;
      const ssize_t size = ::recv(socket_, reply.data(), reply.size(), 0);
      if (size < 0 && errno != EINTR) return errno;
      if (size < 0) continue;
      const auto answer = acknowledgement({reply.data(), static_cast<std::size_t>(size)});
      if (answer) return *answer;
    }
  }

 private:
  explicit Netlink(int socket) : socket_(socket) {}

  /// What the kernel says of our last request, if this is about that one.
  std::optional<int> acknowledgement(std::span<const std::byte> reply) const {
    nlmsghdr header{};
    nlmsgerr answer{};
    if (reply.size() < NLMSG_HDRLEN + sizeof answer) return std::nullopt;
    std::memcpy(&header, reply.data(), sizeof header);
    std::memcpy(&answer, reply.data() + NLMSG_HDRLEN, sizeof answer);
    if (header.nlmsg_type != NLMSG_ERROR || header.nlmsg_seq != sequence_) return std::nullopt;
    return -answer.error;
  }

  int socket_;
  std::uint32_t sequence_ = 0;
};

ifinfomsg link_with(unsigned index) {
  ifinfomsg link{};
  link.ifi_family = AF_UNSPEC;
  link.ifi_index = static_cast<int>(index);
  return link;
}

int set_mtu(Netlink& netlink, unsigned index, std::uint32_t mtu) {
  NetlinkRequest request(RTM_NEWLINK, 0, link_with(index));
  request.add(IFLA_MTU, mtu);
  return netlink.send(request);
}

/// Without it the kernel makes itself a link-local address and sends router solicitations into the
/// mesh, which drops them.
int disable_own_addresses(Netlink& netlink, unsigned index) {
  NetlinkRequest request(RTM_NEWLINK, 0, link_with(index));
  const std::size_t families = request.begin(IFLA_AF_SPEC | NLA_F_NESTED);
  const std::size_t ipv6 = request.begin(AF_INET6 | NLA_F_NESTED);
  request.add(IFLA_INET6_ADDR_GEN_MODE, static_cast<std::uint8_t>(IN6_ADDR_GEN_MODE_NONE));
  request.end(ipv6);
  request.end(families);
  return netlink.send(request);
}

int set_up(Netlink& netlink, unsigned index) {
  ifinfomsg link = link_with(index);
  link.ifi_flags = IFF_UP;
  link.ifi_change = IFF_UP;
  return netlink.send(NetlinkRequest(RTM_NEWLINK, 0, link));
}

int add_address(Netlink& netlink, unsigned index, const Address& address) {
  ifaddrmsg info{};
  info.ifa_family = AF_INET6;
  info.ifa_prefixlen = kMeshPrefixLength;
  info.ifa_flags = IFA_F_NODAD;
  info.ifa_scope = RT_SCOPE_UNIVERSE;
  info.ifa_index = index;
  NetlinkRequest request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, info);
  request.add(IFA_LOCAL, std::as_bytes(std::span(address.bytes)));
  request.add(IFA_ADDRESS, std::as_bytes(std::span(address.bytes)));
  return netlink.send(request);
}

/// Systems that have IPv6 disabled by default have it so on new interfaces. This one is of no use
/// without, and nobody else's.
bool enable_ipv6(const std::string& name) {
  const std::string path = fmt::format("/proc/sys/net/ipv6/conf/{}/disable_ipv6", name);
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return false;
  char value = '1';
  bool enabled = ::read(file, &value, 1) == 1 && value == '0';
  if (!enabled) enabled = ::pwrite(file, "0", 1, 0) == 1;
  ::close(file);
  return enabled;
}

Status explain(int error, const std::string& name, std::string_view action) {
  if (error == EPERM) {
    return failure(
        fmt::format("no permission to {} on {}: run as root or with the capability CAP_NET_ADMIN",
                    action, name));
  }
  return failure(fmt::format("cannot {} on {}: {}", action, name, std::strerror(error)));
}

}  // namespace

Status set_up_interface(const std::string& name, const Address& address, std::uint32_t mtu) {
  const unsigned index = if_nametoindex(name.c_str());
  if (index == 0) return failure(fmt::format("there is no interface {}", name));
  auto netlink = Netlink::open();
  if (!netlink) return failure(netlink.error());
  if (const int error = set_mtu(*netlink, index, mtu); error != 0) {
    return explain(error, name, fmt::format("set the MTU {}", mtu));
  }
  const bool ipv6 = enable_ipv6(name);
  // Only keeps the interface quiet: kernels that do not know the mode work as well.
  (void)disable_own_addresses(*netlink, index);
  if (const int error = set_up(*netlink, index); error != 0) {
    return explain(error, name, "set the link up");
  }
  const int error = add_address(*netlink, index, address);
  if (error == 0) return {};
  if (error == EAFNOSUPPORT || error == EOPNOTSUPP ||
      ((error == EACCES || error == EINVAL) && !ipv6)) {
    return failure(fmt::format(
        "IPv6 is disabled on {} (cannot add {}/{}: {}); enable it with `sysctl "
        "net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0`, and boot without "
        "ipv6.disable=1",
        name, address.to_string(), kMeshPrefixLength, std::strerror(error)));
  }
  return explain(error, name,
                 fmt::format("add the address {}/{}", address.to_string(), kMeshPrefixLength));
}

}  // namespace thicket::tun
