#pragma once

#include <cstdint>
#include <optional>

#include "crypto/address.hpp"
#include "crypto/bytes.hpp"
#include "crypto/packet.hpp"

namespace thicket::node {

/// An ICMPv6 echo request or reply (RFC 4443 §4), without its data.
struct Echo {
  Address source;
  Address destination;
  bool reply = false;
  std::uint16_t identifier = 0;
  std::uint16_t sequence = 0;
};

/// The whole IPv6 packet, with `data` (at most 65000 bytes).
Packet make_echo(const Echo& echo, ByteView data);
/// With `data_size` bytes of zeros as data.
Packet make_echo(const Echo& echo, std::size_t data_size = 0);
/// nullopt: not a whole, well-formed echo.
std::optional<Echo> parse_echo(ByteView packet);
/// What follows the header of an echo, as parse_echo() accepts it: a reply has its request's.
ByteView echo_data(ByteView packet);
/// Turns a request, as parse_echo() accepts it, into its reply in place.
void turn_into_reply(Packet& request);

}  // namespace thicket::node
