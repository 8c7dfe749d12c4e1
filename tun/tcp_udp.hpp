#pragma once

#include <cstddef>
#include <cstdint>

namespace thicket::tun {

/// Offsets within a TCP header (RFC 9293 §3.1).
struct TcpHeader {
  static constexpr std::size_t kMinSize = 20;
  static constexpr std::size_t kSequenceOffset = 4;
  static constexpr std::size_t kDataOffset = 12;  ///< high four bits: header size in 32-bit words
  static constexpr std::size_t kFlagsOffset = 13;
  static constexpr std::size_t kChecksumOffset = 16;

  static constexpr std::uint8_t kFin = 0x01;
  static constexpr std::uint8_t kSyn = 0x02;
  static constexpr std::uint8_t kRst = 0x04;
  static constexpr std::uint8_t kPsh = 0x08;
  static constexpr std::uint8_t kAck = 0x10;
  static constexpr std::uint8_t kUrg = 0x20;
  static constexpr std::uint8_t kCwr = 0x80;
};

/// Offsets within a UDP header (RFC 768).
struct UdpHeader {
  static constexpr std::size_t kSize = 8;
  static constexpr std::size_t kLengthOffset = 4;
  static constexpr std::size_t kChecksumOffset = 6;
};

}  // namespace thicket::tun
