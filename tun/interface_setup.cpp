#include "tun/interface_setup.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <span>

namespace thicket::tun {
namespace {

using Status = Result<void, std::string>;

struct CloseSocket {
  void operator()(mnl_socket* socket) const { mnl_socket_close(socket); }
};

/// A rtnetlink socket for requests that are answered with an acknowledgement only.
class Netlink {
 public:
  static Result<Netlink, std::string> open() {
    Netlink netlink;
    netlink.socket_.reset(mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC));
    if (!netlink.socket_ || mnl_socket_bind(netlink.socket_.get(), 0, MNL_SOCKET_AUTOPID) < 0) {
      return failure(fmt::format("cannot open a netlink socket: {}", std::strerror(errno)));
    }
    return netlink;
  }

  nlmsghdr* request(std::uint16_t type, std::uint16_t flags) {
    nlmsghdr* message = mnl_nlmsg_put_header(buffer_.data());
    message->nlmsg_type = type;
    message->nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
    message->nlmsg_seq = ++sequence_;
    return message;
  }

  /// 0, or the errno the kernel answered.
  int send(const nlmsghdr* message) {
    if (mnl_socket_sendto(socket_.get(), message, message->nlmsg_len) < 0) return errno;
    std::array<char, 8192> reply{};
    const unsigned port = mnl_socket_get_portid(socket_.get());
    int more = MNL_CB_OK;
    while (more > MNL_CB_STOP) {
      const ssize_t size = mnl_socket_recvfrom(socket_.get(), reply.data(), reply.size());
      if (size < 0) return errno;
      more = mnl_cb_run(reply.data(), static_cast<std::size_t>(size), sequence_, port, nullptr,
                        nullptr);
    }
    return more < 0 ? errno : 0;
  }

 private:
  Netlink() = default;
  std::unique_ptr<mnl_socket, CloseSocket> socket_;
  alignas(nlmsghdr) std::array<char, 1024> buffer_{};
  std::uint32_t sequence_ = 0;
};

ifinfomsg* put_link(nlmsghdr* message, unsigned index) {
  auto* link = static_cast<ifinfomsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ifinfomsg)));
  link->ifi_family = AF_UNSPEC;
  link->ifi_index = static_cast<int>(index);
  return link;
}

int set_mtu(Netlink& netlink, unsigned index, std::uint32_t mtu) {
  nlmsghdr* message = netlink.request(RTM_NEWLINK, 0);
  put_link(message, index);
  mnl_attr_put_u32(message, IFLA_MTU, mtu);
  return netlink.send(message);
}

/// Without it the kernel makes itself a link-local address and sends router solicitations into the
/// mesh, which drops them.
int disable_own_addresses(Netlink& netlink, unsigned index) {
  nlmsghdr* message = netlink.request(RTM_NEWLINK, 0);
  put_link(message, index);
  nlattr* families = mnl_attr_nest_start(message, IFLA_AF_SPEC);
  nlattr* ipv6 = mnl_attr_nest_start(message, AF_INET6);
  mnl_attr_put_u8(message, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
  mnl_attr_nest_end(message, ipv6);
  mnl_attr_nest_end(message, families);
  return netlink.send(message);
}

int set_up(Netlink& netlink, unsigned index) {
  nlmsghdr* message = netlink.request(RTM_NEWLINK, 0);
  ifinfomsg* link = put_link(message, index);
  link->ifi_flags = IFF_UP;
  link->ifi_change = IFF_UP;
  return netlink.send(message);
}

int add_address(Netlink& netlink, unsigned index, const Address& address) {
  nlmsghdr* message = netlink.request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE);
  auto* info = static_cast<ifaddrmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(ifaddrmsg)));
  info->ifa_family = AF_INET6;
  info->ifa_prefixlen = kMeshPrefixLength;
  info->ifa_flags = IFA_F_NODAD;
  info->ifa_scope = RT_SCOPE_UNIVERSE;
  info->ifa_index = index;
  mnl_attr_put(message, IFA_LOCAL, address.bytes.size(), address.bytes.data());
  mnl_attr_put(message, IFA_ADDRESS, address.bytes.size(), address.bytes.data());
  return netlink.send(message);
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
