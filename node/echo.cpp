#include "node/echo.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "tun/checksum.hpp"
#include "tun/ipv6_header.hpp"

namespace thicket::node {
namespace {

using tun::Ipv6Header;

constexpr std::uint8_t kRequest = 128;
constexpr std::uint8_t kReply = 129;
constexpr std::uint8_t kHopLimit = 64;

// Offsets within the ICMPv6 message.
constexpr std::size_t kHeaderSize = 8;
constexpr std::size_t kChecksumOffset = 2;
constexpr std::size_t kIdentifierOffset = 4;
constexpr std::size_t kSequenceOffset = 6;

std::uint64_t checksum_of(ByteView packet) {
  const ByteView message = packet.subspan(Ipv6Header::kSize);
  const std::uint64_t pseudo_header =
      tun::pseudo_header_sum(packet.subspan(Ipv6Header::kSourceOffset, 32),
                             static_cast<std::uint32_t>(message.size()), tun::kProtocolIcmpv6);
  return tun::checksum_add(pseudo_header, message);
}

void write_checksum(Packet& packet) {
  std::uint8_t* field = packet.data() + Ipv6Header::kSize + kChecksumOffset;
  tun::store16(field, 0);
  tun::store16(field, tun::checksum_finish(checksum_of(packet.bytes())));
}

}  // namespace

Packet make_echo(const Echo& echo, ByteView data) {
  Packet packet(Ipv6Header::kSize + kHeaderSize + data.size());
  std::fill(packet.bytes().begin(), packet.bytes().end(), std::uint8_t{0});
  Ipv6Header header;
  header.payload_length = static_cast<std::uint16_t>(kHeaderSize + data.size());
  header.next_header = tun::kProtocolIcmpv6;
  header.hop_limit = kHopLimit;
  header.source = echo.source;
  header.destination = echo.destination;
  header.write(packet.bytes());
  std::uint8_t* message = packet.data() + Ipv6Header::kSize;
  message[0] = echo.reply ? kReply : kRequest;
  tun::store_be16(message + kIdentifierOffset, echo.identifier);
  tun::store_be16(message + kSequenceOffset, echo.sequence);
  std::copy(data.begin(), data.end(), message + kHeaderSize);
  write_checksum(packet);
  return packet;
}

Packet make_echo(const Echo& echo, std::size_t data_size) {
  return make_echo(echo, std::vector<std::uint8_t>(data_size));
}

ByteView echo_data(ByteView packet) {
  return packet.subspan(Ipv6Header::kSize + kHeaderSize);
}

std::optional<Echo> parse_echo(ByteView packet) {
  const std::optional<Ipv6Header> header = Ipv6Header::parse(packet);
  if (!header || header->next_header != tun::kProtocolIcmpv6) return std::nullopt;
  const ByteView message = packet.subspan(Ipv6Header::kSize);
  if (message.size() < kHeaderSize || (message[0] != kRequest && message[0] != kReply)) {
    return std::nullopt;
  }
  // A message with its checksum in place sums up to all ones.
  if (tun::checksum_fold(checksum_of(packet)) != 0xffff) return std::nullopt;
  return Echo{header->source, header->destination, message[0] == kReply,
              tun::load_be16(message.data() + kIdentifierOffset),
              tun::load_be16(message.data() + kSequenceOffset)};
}

void turn_into_reply(Packet& request) {
  std::uint8_t* addresses = request.data() + Ipv6Header::kSourceOffset;
  std::swap_ranges(addresses, addresses + 16, addresses + 16);
  request.data()[Ipv6Header::kSize] = kReply;
  write_checksum(request);
}

}  // namespace thicket::node
