#include "tun/icmpv6.hpp"

#include <algorithm>
#include <cstring>

#include "tun/checksum.hpp"
#include "tun/ipv6_header.hpp"

namespace thicket::tun {
namespace {

constexpr std::size_t kIcmpv6HeaderSize = 8;
constexpr std::size_t kChecksumField = Ipv6Header::kSize + 2;
constexpr std::uint8_t kFirstInformational = 128;  // types below are errors

bool is_multicast(const std::uint8_t* address) {
  return address[0] == 0xff;
}

}  // namespace

Packet make_icmpv6_error(const Icmpv6Error& error, const Address& from, ByteView packet) {
  const std::size_t quoted = std::min(packet.size(), kIcmpv6Quote);
  Packet answer(Ipv6Header::kSize + kIcmpv6HeaderSize + quoted);
  const ByteSpan bytes = answer.bytes();
  Ipv6Header header;
  header.payload_length = static_cast<std::uint16_t>(kIcmpv6HeaderSize + quoted);
  header.next_header = kProtocolIcmpv6;
  header.hop_limit = 255;
  header.source = from;
  std::memcpy(header.destination.bytes.data(), packet.data() + Ipv6Header::kSourceOffset, 16);
  header.write(bytes);
  std::uint8_t* const icmp = bytes.data() + Ipv6Header::kSize;
  icmp[0] = error.type;
  icmp[1] = error.code;
  store16(icmp + 2, 0);
  store_be32(icmp + 4, error.parameter);
  std::memcpy(icmp + kIcmpv6HeaderSize, packet.data(), quoted);
  const std::uint64_t sum =
      pseudo_header_sum(ByteView(bytes).subspan(Ipv6Header::kSourceOffset, 32),
                        header.payload_length, kProtocolIcmpv6);
  store16(bytes.data() + kChecksumField,
          checksum_finish(checksum_add(sum, ByteView(bytes).subspan(Ipv6Header::kSize))));
  return answer;
}

bool may_answer_with_error(ByteView packet) {
  if (is_multicast(packet.data() + Ipv6Header::kSourceOffset) ||
      is_multicast(packet.data() + Ipv6Header::kDestinationOffset)) {
    return false;
  }
  const bool icmp_error = packet[Ipv6Header::kNextHeaderOffset] == kProtocolIcmpv6 &&
                          packet.size() > Ipv6Header::kSize &&
                          packet[Ipv6Header::kSize] < kFirstInformational;
  return !icmp_error;
}

}  // namespace thicket::tun
