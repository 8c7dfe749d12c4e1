#include "tun/ipv6_header.hpp"

namespace thicket::tun {

std::optional<Ipv6Header> Ipv6Header::parse(ByteView packet) {
  if (packet.size() < kSize || packet[0] >> 4 != 6) return std::nullopt;
  Ipv6Header header;
  header.payload_length = load_be16(packet.data() + kLengthOffset);
  if (packet.size() - kSize != header.payload_length) return std::nullopt;
  header.next_header = packet[kNextHeaderOffset];
  header.hop_limit = packet[kHopLimitOffset];
  std::memcpy(header.source.bytes.data(), packet.data() + kSourceOffset, 16);
  std::memcpy(header.destination.bytes.data(), packet.data() + kDestinationOffset, 16);
  return header;
}

void Ipv6Header::write(ByteSpan out) const {
  store_be32(out.data(), 6U << 28);
  store_be16(out.data() + kLengthOffset, payload_length);
  out[kNextHeaderOffset] = next_header;
  out[kHopLimitOffset] = hop_limit;
  std::memcpy(out.data() + kSourceOffset, source.bytes.data(), 16);
  std::memcpy(out.data() + kDestinationOffset, destination.bytes.data(), 16);
}

}  // namespace thicket::tun
