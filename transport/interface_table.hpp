#pragma once

#include <netinet/in.h>

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "crypto/bytes.hpp"
#include "transport/interface_index.hpp"

namespace thicket::transport {

using Ipv6Bytes = std::array<std::uint8_t, 16>;

/// One network interface, as far as local discovery cares.
struct NetworkInterface {
  InterfaceIndex index = 0;
  std::string name;
  /// Up, running, multicast-capable, not point-to-point (wire.md §11).
  bool suitable = false;
  std::vector<Ipv6Bytes> addresses;  ///< link-local ones that can be used, oldest first
  auto operator<=>(const NetworkInterface&) const = default;
};

/// Network interfaces as netlink messages tell of them (rtnetlink(7)). Sans-I/O.
class InterfaceTable {
 public:
  /// What one read held.
  struct News {
    bool changed = false;  ///< an interface came, went or changed
    bool done = false;     ///< the end of the answer to what was asked
    bool torn = false;     ///< things changed under that answer: it may be inconsistent
    bool refused = false;  ///< the kernel answered with an error
  };

  /// Takes what one read from a netlink socket gave: whole messages; stops at bytes that are none.
  News take(ByteView messages);
  const std::map<InterfaceIndex, NetworkInterface>& all() const { return all_; }

 private:
  bool take_link(bool removed, ByteView body);
  bool take_address(bool removed, ByteView body);

  std::map<InterfaceIndex, NetworkInterface> all_;
};

}  // namespace thicket::transport
