#pragma once

#include <cstdint>
#include <cstring>
#include <optional>

#include "crypto/address.hpp"
#include "crypto/bytes.hpp"

namespace thicket::tun {

/// Big-endian fields of packets. The caller has checked the bounds.
inline std::uint16_t load_be16(const std::uint8_t* from) {
  return static_cast<std::uint16_t>(from[0] << 8 | from[1]);
}
inline std::uint32_t load_be32(const std::uint8_t* from) {
  return std::uint32_t{load_be16(from)} << 16 | load_be16(from + 2);
}
inline void store_be16(std::uint8_t* to, std::uint16_t value) {
  to[0] = static_cast<std::uint8_t>(value >> 8);
  to[1] = static_cast<std::uint8_t>(value);
}
inline void store_be32(std::uint8_t* to, std::uint32_t value) {
  store_be16(to, static_cast<std::uint16_t>(value >> 16));
  store_be16(to + 2, static_cast<std::uint16_t>(value));
}
/// Checksum fields, which checksum.hpp keeps in memory order.
inline std::uint16_t load16(const std::uint8_t* from) {
  std::uint16_t value = 0;
  std::memcpy(&value, from, sizeof value);
  return value;
}
inline void store16(std::uint8_t* to, std::uint16_t value) {
  std::memcpy(to, &value, sizeof value);
}

constexpr std::uint8_t kProtocolTcp = 6;
constexpr std::uint8_t kProtocolUdp = 17;
constexpr std::uint8_t kProtocolIcmpv6 = 58;

/// The fixed IPv6 header (RFC 8200 §3).
///
///     0               4               8              12              16
///     |ver|class| flow label ........ | length| next | hops|  source (16) ... | destination (16)
struct Ipv6Header {
  static constexpr std::size_t kSize = 40;
  static constexpr std::size_t kLengthOffset = 4;
  static constexpr std::size_t kNextHeaderOffset = 6;
  static constexpr std::size_t kHopLimitOffset = 7;
  static constexpr std::size_t kSourceOffset = 8;
  static constexpr std::size_t kDestinationOffset = 24;
  /// The largest packet that is not a jumbogram.
  static constexpr std::size_t kMaxPacketSize = kSize + 65535;

  std::uint16_t payload_length = 0;
  std::uint8_t next_header = 0;
  std::uint8_t hop_limit = 0;
  Address source;
  Address destination;

  /// Nothing if `packet` is not one whole IPv6 packet: too short, another version, or of another
  /// length than its header says.
  static std::optional<Ipv6Header> parse(ByteView packet);
  /// Writes the header, traffic class and flow label 0, to the first kSize bytes of `out`.
  void write(ByteSpan out) const;
};

}  // namespace thicket::tun
