#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/packet.hpp"
#include "tun/ipv6_header.hpp"
#include "tun/tcp_udp.hpp"
#include "tun/virtio_header.hpp"

namespace thicket::tun::test {

using Bytes = std::vector<std::uint8_t>;

Bytes to_bytes(const Packet& packet);
std::vector<Bytes> to_bytes(const std::vector<Packet>& packets);
/// `count` bytes that differ from position to position.
Bytes pattern(std::size_t count, std::size_t from = 0);
/// "200::1" and the like; aborts if it is no address.
Address address(const std::string& text);

struct Endpoints {
  Address source = address("200::1");
  Address destination = address("200::2");
  std::uint16_t source_port = 1000;
  std::uint16_t destination_port = 2000;
};

struct TcpFields {
  std::uint32_t sequence = 7;
  std::uint32_t acknowledgement = 99;
  std::uint8_t flags = TcpHeader::kAck;
  std::uint16_t window = 512;
  Bytes options{};  ///< a multiple of four bytes
  std::uint8_t hop_limit = 64;
  std::uint32_t flow_label = 0;
};

/// Whole packets with valid checksums.
Bytes tcp_packet(const Endpoints& ends, const TcpFields& tcp, const Bytes& payload);
Bytes udp_packet(const Endpoints& ends, const Bytes& payload);

/// The same packet as a super-packet: its checksum field holds the sum of the pseudo-header.
struct SuperPacket {
  VirtioHeader header;
  Bytes bytes;
};
SuperPacket super_packet(Bytes packet, std::uint16_t segment_size);

/// A plain second implementation, to judge the first: whether the TCP, UDP or ICMPv6 checksum of a
/// packet without extension headers is right.
bool checksum_ok(const Bytes& packet);

/// The part of a TCP or UDP packet behind its headers.
Bytes payload_of(const Bytes& packet);

/// What a Coalescer would write: header, and the pieces joined.
struct Unit {
  VirtioHeader header;
  Bytes bytes;
};
/// The units of one flush, for packets added in order.
std::vector<Unit> coalesce(const std::vector<Bytes>& packets, bool tcp = true, bool udp = true);
/// The units cut again.
std::vector<Bytes> cut(const std::vector<Unit>& units);

}  // namespace thicket::tun::test
