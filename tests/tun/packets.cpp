#include "tun/packets.hpp"

#include <arpa/inet.h>

#include <cstdlib>
#include <limits>

#include "tun/checksum.hpp"
#include "tun/coalescing.hpp"
#include "tun/segmentation.hpp"

namespace thicket::tun::test {
namespace {

std::uint16_t plain_sum(const Bytes& packet) {
  const auto add = [](std::uint32_t sum, std::uint32_t word) {
    sum += word;
    return (sum & 0xffff) + (sum >> 16);
  };
  std::uint32_t sum = 0;
  for (std::size_t i = 8; i < 40; i += 2) sum = add(sum, load_be16(packet.data() + i));
  sum = add(sum, static_cast<std::uint32_t>(packet.size() - 40));
  sum = add(sum, packet[6]);
  for (std::size_t i = 40; i < packet.size(); i += 2) {
    const unsigned low = i + 1 < packet.size() ? packet[i + 1] : 0U;
    sum = add(sum, static_cast<std::uint32_t>(packet[i] << 8) | low);
  }
  return static_cast<std::uint16_t>(sum);
}

std::size_t checksum_field(const Bytes& packet) {
  if (packet[6] == kProtocolTcp) return 40 + TcpHeader::kChecksumOffset;
  if (packet[6] == kProtocolUdp) return 40 + UdpHeader::kChecksumOffset;
  return 42;
}

Bytes ip_packet(const Endpoints& ends, std::uint8_t protocol, std::size_t size) {
  Bytes packet(40 + size);
  Ipv6Header header;
  header.payload_length = static_cast<std::uint16_t>(size);
  header.next_header = protocol;
  header.hop_limit = 64;
  header.source = ends.source;
  header.destination = ends.destination;
  header.write(packet);
  store_be16(packet.data() + 40, ends.source_port);
  store_be16(packet.data() + 42, ends.destination_port);
  return packet;
}

void set_checksum(Bytes& packet) {
  const auto sum = static_cast<std::uint16_t>(~plain_sum(packet));
  store_be16(packet.data() + checksum_field(packet), sum == 0 ? std::uint16_t{0xffff} : sum);
}

}  // namespace

Bytes to_bytes(const Packet& packet) {
  return {packet.bytes().begin(), packet.bytes().end()};
}

std::vector<Bytes> to_bytes(const std::vector<Packet>& packets) {
  std::vector<Bytes> all;
  for (const Packet& packet : packets) all.push_back(to_bytes(packet));
  return all;
}

Bytes pattern(std::size_t count, std::size_t from) {
  Bytes bytes(count);
  for (std::size_t i = 0; i < count; ++i) {
    bytes[i] = static_cast<std::uint8_t>((from + i) * 2654435761U >> 13);
  }
  return bytes;
}

Address address(const std::string& text) {
  Address result;
  if (inet_pton(AF_INET6, text.c_str(), result.bytes.data()) != 1) std::abort();
  return result;
}

Bytes tcp_packet(const Endpoints& ends, const TcpFields& tcp, const Bytes& payload) {
  const std::size_t header = TcpHeader::kMinSize + tcp.options.size();
  Bytes packet = ip_packet(ends, kProtocolTcp, header + payload.size());
  store_be32(packet.data(), 6U << 28 | tcp.flow_label);
  packet[7] = tcp.hop_limit;
  store_be32(packet.data() + 44, tcp.sequence);
  store_be32(packet.data() + 48, tcp.acknowledgement);
  packet[52] = static_cast<std::uint8_t>(header / 4 << 4);
  packet[53] = tcp.flags;
  store_be16(packet.data() + 54, tcp.window);
  std::copy(tcp.options.begin(), tcp.options.end(), packet.begin() + 60);
  std::copy(payload.begin(), payload.end(),
            packet.begin() + 40 + static_cast<std::ptrdiff_t>(header));
  set_checksum(packet);
  return packet;
}

Bytes udp_packet(const Endpoints& ends, const Bytes& payload) {
  Bytes packet = ip_packet(ends, kProtocolUdp, UdpHeader::kSize + payload.size());
  store_be16(packet.data() + 44, static_cast<std::uint16_t>(UdpHeader::kSize + payload.size()));
  std::copy(payload.begin(), payload.end(), packet.begin() + 48);
  set_checksum(packet);
  return packet;
}

SuperPacket super_packet(Bytes packet, std::uint16_t segment_size) {
  const bool tcp = packet[6] == kProtocolTcp;
  const std::size_t field = checksum_field(packet);
  store16(packet.data() + field, checksum_fold(pseudo_header_sum(
                                     ByteView(packet).subspan(8, 32),
                                     static_cast<std::uint32_t>(packet.size() - 40), packet[6])));
  VirtioHeader header;
  header.flags = VirtioHeader::kNeedsChecksum;
  header.gso_type = tcp ? VirtioHeader::kGsoTcp6 : VirtioHeader::kGsoUdp;
  header.header_length = static_cast<std::uint16_t>(packet.size() - payload_of(packet).size());
  header.segment_size = segment_size;
  header.checksum_start = 40;
  header.checksum_offset = static_cast<std::uint16_t>(field - 40);
  return {header, std::move(packet)};
}

bool checksum_ok(const Bytes& packet) {
  return plain_sum(packet) == 0xffff;
}

Bytes payload_of(const Bytes& packet) {
  const int header = packet[6] == kProtocolTcp ? packet[52] >> 4 << 2 : 8;
  return {packet.begin() + 40 + header, packet.end()};
}

std::vector<Unit> coalesce(const std::vector<Bytes>& packets, bool tcp, bool udp) {
  Coalescer coalescer(tcp, udp);
  for (const Bytes& packet : packets) coalescer.add(Packet::copy_of(packet));
  std::vector<Unit> units;
  coalescer.flush([&](const VirtioHeader& header, std::span<const ByteView> pieces) {
    Unit unit{header, {}};
    for (const ByteView piece : pieces) {
      unit.bytes.insert(unit.bytes.end(), piece.begin(), piece.end());
    }
    units.push_back(std::move(unit));
  });
  return units;
}

std::vector<Bytes> cut(const std::vector<Unit>& units) {
  std::vector<Bytes> all;
  for (const Unit& unit : units) {
    if (unit.header == VirtioHeader{}) {
      all.push_back(unit.bytes);
      continue;
    }
    std::vector<Packet> packets;
    if (!segment(unit.header, Packet::copy_of(unit.bytes), 65535, packets)) std::abort();
    for (Bytes& bytes : to_bytes(packets)) all.push_back(std::move(bytes));
  }
  return all;
}

}  // namespace thicket::tun::test
