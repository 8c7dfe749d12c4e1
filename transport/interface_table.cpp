#include "transport/interface_table.hpp"

#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "transport/limits.hpp"

namespace thicket::transport {

namespace {

template <class T>
std::optional<T> read_as(ByteView bytes) {
  if (bytes.size() < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

/// What follows the first `size` bytes, which are padded.
ByteView behind(ByteView bytes, std::size_t size) {
  const std::size_t aligned = (size + 3) & ~std::size_t{3};
  return bytes.subspan(std::min(aligned, bytes.size()));
}

/// The value of the last attribute of `type`.
std::optional<ByteView> attribute(ByteView attributes, std::uint16_t type) {
  std::optional<ByteView> found;
  while (const auto header = read_as<rtattr>(attributes)) {
    if (header->rta_len < sizeof(rtattr) || header->rta_len > attributes.size()) break;
    if (header->rta_type == type) {
      found = attributes.subspan(sizeof(rtattr), header->rta_len - sizeof(rtattr));
    }
    attributes = behind(attributes, header->rta_len);
  }
  return found;
}

bool is_suitable(unsigned flags) {
  constexpr unsigned kWanted = IFF_UP | IFF_RUNNING | IFF_MULTICAST;
  return (flags & kWanted) == kWanted && (flags & IFF_POINTOPOINT) == 0;
}

bool is_link_local(const Ipv6Bytes& address) {
  return address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
}

}  // namespace

InterfaceTable::News InterfaceTable::take(ByteView messages) {
  News news;
  while (const auto header = read_as<nlmsghdr>(messages)) {
    if (header->nlmsg_len < sizeof(nlmsghdr) || header->nlmsg_len > messages.size()) break;
    const ByteView body = messages.subspan(sizeof(nlmsghdr), header->nlmsg_len - sizeof(nlmsghdr));
    const std::uint16_t type = header->nlmsg_type;
    if ((header->nlmsg_flags & NLM_F_DUMP_INTR) != 0) news.torn = true;
    if (type == NLMSG_DONE) news.done = true;
    if (type == NLMSG_ERROR) news.refused = true;
    if (type == RTM_NEWLINK || type == RTM_DELLINK) {
      news.changed |= take_link(type == RTM_DELLINK, body);
    }
    if (type == RTM_NEWADDR || type == RTM_DELADDR) {
      news.changed |= take_address(type == RTM_DELADDR, body);
    }
    messages = behind(messages, header->nlmsg_len);
  }
  return news;
}

/// Whether anything changed.
bool InterfaceTable::take_link(bool removed, ByteView body) {
  const auto link = read_as<ifinfomsg>(body);
  // Of other families come what bridges say of their ports: one that leaves a bridge is not gone.
  if (!link || link->ifi_family != AF_UNSPEC || link->ifi_index <= 0) return false;
  const auto index = static_cast<InterfaceIndex>(link->ifi_index);
  if (removed) return all_.erase(index) != 0;
  if (!all_.contains(index) && all_.size() >= kMaxInterfaces) return false;
  NetworkInterface& entry = all_[index];
  const NetworkInterface before = entry;
  entry.index = index;
  entry.suitable = is_suitable(link->ifi_flags);
  if (const auto name = attribute(behind(body, sizeof(ifinfomsg)), IFLA_IFNAME)) {
    const auto end = std::ranges::find(*name, std::uint8_t{0});
    entry.name.assign(name->begin(), end);
  }
  return entry != before;
}

/// Whether anything changed.
bool InterfaceTable::take_address(bool removed, ByteView body) {
  const auto header = read_as<ifaddrmsg>(body);
  if (!header || header->ifa_family != AF_INET6) return false;
  const ByteView attributes = behind(body, sizeof(ifaddrmsg));
  const auto bytes = attribute(attributes, IFA_ADDRESS);
  const auto address = bytes ? read_as<Ipv6Bytes>(*bytes) : std::nullopt;
  const auto entry = all_.find(header->ifa_index);
  if (!address || !is_link_local(*address) || entry == all_.end()) return false;
  std::uint32_t flags = header->ifa_flags;
  if (const auto wide = attribute(attributes, IFA_FLAGS)) {
    flags = read_as<std::uint32_t>(*wide).value_or(flags);
  }
  // Until the system knows that nobody else has the address, nothing can be bound to it.
  const bool usable = !removed && (flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) == 0;
  auto& addresses = entry->second.addresses;
  const auto known = std::ranges::find(addresses, *address);
  if (usable == (known != addresses.end())) return false;
  if (!usable) {
    addresses.erase(known);
  } else if (addresses.size() < kMaxLinkLocalAddresses) {
    addresses.push_back(*address);
  }
  return true;
}

}  // namespace thicket::transport
