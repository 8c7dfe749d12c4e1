#pragma once

#include <cstdint>

#include "crypto/bytes.hpp"

namespace thicket::tun {

/// The internet checksum (RFC 1071). Sums are kept in the byte order of memory, so that a folded
/// sum is stored and loaded with load16/store16 and never swapped.

/// `sum` plus the 16-bit words of `bytes`; an odd last byte is padded with zero, so only the last
/// piece of a message may have an odd length.
std::uint64_t checksum_add(std::uint64_t sum, ByteView bytes);
/// `sum` plus one 16-bit value given in host order.
std::uint64_t checksum_add16(std::uint64_t sum, std::uint16_t value);
/// The sum as 16 bits with end-around carry, not complemented.
std::uint16_t checksum_fold(std::uint64_t sum);
/// The complement of the folded sum, with 0 written as 0xffff: right for TCP, UDP and ICMPv6 alike.
std::uint16_t checksum_finish(std::uint64_t sum);

/// The sum over the pseudo-header of IPv6 (RFC 8200 §8.1). `addresses`: source, then destination,
/// 32 bytes. `length`: that of the upper-layer packet.
std::uint64_t pseudo_header_sum(ByteView addresses, std::uint32_t length, std::uint8_t protocol);

}  // namespace thicket::tun
