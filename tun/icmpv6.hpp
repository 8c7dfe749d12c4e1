#pragma once

#include <cstddef>
#include <cstdint>

#include "crypto/address.hpp"
#include "crypto/packet.hpp"

namespace thicket::tun {

/// Types and codes of ICMPv6 errors (RFC 4443 §3).
struct Icmpv6Error {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t parameter = 0;  ///< of Packet Too Big: the MTU

  static constexpr Icmpv6Error no_route() { return {1, 0, 0}; }
  static constexpr Icmpv6Error address_unreachable() { return {1, 3, 0}; }
  static constexpr Icmpv6Error packet_too_big(std::uint32_t mtu) { return {2, 0, mtu}; }
};

/// How much of the packet an error quotes (wire.md §9).
constexpr std::size_t kIcmpv6Quote = 512;

/// The error `error` about `packet`, from `from` to the source of `packet`, hop limit 255, with the
/// first kIcmpv6Quote bytes of it. `packet` must hold a whole IPv6 header.
Packet make_icmpv6_error(const Icmpv6Error& error, const Address& from, ByteView packet);

/// Whether an error about `packet` may be sent (RFC 4443 §2.4 e): not about ICMPv6 errors, and to a
/// single host only. `packet` must hold a whole IPv6 header.
bool may_answer_with_error(ByteView packet);

}  // namespace thicket::tun
