#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "crypto/bytes.hpp"
#include "crypto/result.hpp"
#include "transport/interface_table.hpp"
#include "transport/socket.hpp"

namespace thicket::transport {

/// The multicast group and port of local discovery (wire.md §11) on one interface: hears nothing
/// that was sent elsewhere.
class BeaconSocket {
 public:
  /// Joins the group on the interface. Errors are one human sentence.
  static Result<BeaconSocket, std::string> open(InterfaceIndex interface);

  struct Datagram {
    std::size_t size = 0;  ///< of what lies in the buffer now
    Ipv6Bytes from{};
  };
  /// Reads one datagram from a link-local sender into `buffer`, the rest of a longer one is lost;
  /// `size` 0: it came from elsewhere. nullopt: none is there.
  std::optional<Datagram> receive(ByteSpan buffer);
  /// Sends to the group, as coming from `source`. Best effort: the next beacon makes up for it.
  void send(ByteView datagram, const Ipv6Bytes& source);

  /// To wait on; the object keeps it.
  int fd() const { return fd_.get(); }

 private:
  BeaconSocket(UniqueFd fd, InterfaceIndex interface) : fd_(std::move(fd)), interface_(interface) {}

  UniqueFd fd_;
  InterfaceIndex interface_;
};

}  // namespace thicket::transport
