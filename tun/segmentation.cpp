#include "tun/segmentation.hpp"

#include <algorithm>
#include <cstring>

#include "tun/checksum.hpp"
#include "tun/ipv6_header.hpp"
#include "tun/tcp_udp.hpp"

namespace thicket::tun {
namespace {

using Status = Result<void, SegmentationError>;

/// A super-packet whose fields have been checked.
struct SuperPacket {
  ByteView bytes;
  bool tcp = false;
  std::size_t transport = 0;       // where the TCP or UDP header begins
  std::size_t header_size = 0;     // of everything before the payload
  std::size_t checksum_field = 0;  // from the start of the packet
  std::size_t segment_size = 0;

  std::size_t payload_size() const { return bytes.size() - header_size; }
  std::size_t segments() const { return (payload_size() + segment_size - 1) / segment_size; }
};

Result<SuperPacket, SegmentationError> check_super_packet(const VirtioHeader& header,
                                                          ByteView bytes, std::size_t mtu) {
  const std::uint8_t type = header.gso_type & static_cast<std::uint8_t>(~VirtioHeader::kGsoEcn);
  if (type != VirtioHeader::kGsoTcp6 && type != VirtioHeader::kGsoUdp) {
    return failure(SegmentationError::unsupported);
  }
  SuperPacket super{bytes};
  super.tcp = type == VirtioHeader::kGsoTcp6;
  super.transport = header.checksum_start;
  super.segment_size = header.segment_size;
  const std::size_t smallest = super.tcp ? TcpHeader::kMinSize : UdpHeader::kSize;
  const std::size_t field = super.tcp ? TcpHeader::kChecksumOffset : UdpHeader::kChecksumOffset;
  if (bytes[0] >> 4 != 6 || super.transport < Ipv6Header::kSize ||
      header.checksum_offset != field || (header.flags & VirtioHeader::kNeedsChecksum) == 0 ||
      super.segment_size == 0) {
    return failure(SegmentationError::malformed);
  }
  if (super.transport + smallest > bytes.size()) return failure(SegmentationError::truncated);
  std::size_t transport_header = UdpHeader::kSize;
  if (super.tcp) {
    transport_header = std::size_t{bytes[super.transport + TcpHeader::kDataOffset]} >> 4 << 2;
    if (transport_header < TcpHeader::kMinSize) return failure(SegmentationError::malformed);
  }
  super.header_size = super.transport + transport_header;
  super.checksum_field = super.transport + field;
  // A super-packet without payload would be no segment at all.
  if (super.header_size >= bytes.size()) return failure(SegmentationError::truncated);
  if (super.segments() > kMaxSegments) return failure(SegmentationError::too_many_segments);
  const std::size_t largest = std::min(super.segment_size, super.payload_size());
  if (super.header_size + largest > mtu) return failure(SegmentationError::over_mtu);
  return super;
}

void patch_tcp(const SuperPacket& super, std::size_t offset, bool last, std::uint8_t* tcp) {
  std::uint8_t* sequence = tcp + TcpHeader::kSequenceOffset;
  store_be32(sequence, load_be32(sequence) + static_cast<std::uint32_t>(offset));
  unsigned flags = super.bytes[super.transport + TcpHeader::kFlagsOffset];
  if (!last) flags &= ~unsigned{TcpHeader::kFin | TcpHeader::kPsh};
  if (offset > 0) flags &= ~unsigned{TcpHeader::kCwr};
  tcp[TcpHeader::kFlagsOffset] = static_cast<std::uint8_t>(flags);
}

Packet cut(const SuperPacket& super, std::size_t offset) {
  const std::size_t count = std::min(super.segment_size, super.payload_size() - offset);
  const std::size_t size = super.header_size + count;
  const auto transport_size = static_cast<std::uint16_t>(size - super.transport);
  Packet segment(size);
  std::uint8_t* const bytes = segment.data();
  std::memcpy(bytes, super.bytes.data(), super.header_size);
  std::memcpy(bytes + super.header_size, super.bytes.data() + super.header_size + offset, count);
  store_be16(bytes + Ipv6Header::kLengthOffset,
             static_cast<std::uint16_t>(size - Ipv6Header::kSize));
  if (super.tcp) {
    patch_tcp(super, offset, offset + count == super.payload_size(), bytes + super.transport);
  } else {
    store_be16(bytes + super.transport + UdpHeader::kLengthOffset, transport_size);
  }
  // The field holds the sum of the pseudo-header for the whole length. Adjusting it rather than
  // summing anew keeps it right behind a routing header, where the destination summed is not the
  // one in the IPv6 header.
  const auto whole = static_cast<std::uint16_t>(super.bytes.size() - super.transport);
  std::uint64_t sum = checksum_add16(0, static_cast<std::uint16_t>(~whole));
  sum = checksum_add16(sum, transport_size);
  sum = checksum_add(sum, segment.bytes().subspan(super.transport));
  store16(bytes + super.checksum_field, checksum_finish(sum));
  return segment;
}

Status complete_checksum(const VirtioHeader& header, ByteSpan packet) {
  const std::size_t start = header.checksum_start;
  const std::size_t field = start + header.checksum_offset;
  if (field + 2 > packet.size()) return failure(SegmentationError::truncated);
  if (start < Ipv6Header::kSize) return failure(SegmentationError::malformed);
  store16(packet.data() + field, checksum_finish(checksum_add(0, packet.subspan(start))));
  return {};
}

}  // namespace

Status segment(const VirtioHeader& header, Packet packet, std::size_t mtu,
               std::vector<Packet>& out) {
  if (packet.size() < Ipv6Header::kSize) return failure(SegmentationError::truncated);
  if (packet.size() > Ipv6Header::kMaxPacketSize) return failure(SegmentationError::malformed);
  if (header.gso_type != VirtioHeader::kGsoNone) {
    const auto super = check_super_packet(header, packet.bytes(), mtu);
    if (!super) return failure(super.error());
    for (std::size_t at = 0; at < super->payload_size(); at += super->segment_size) {
      out.push_back(cut(*super, at));
    }
    return {};
  }
  if (packet.size() > mtu) return failure(SegmentationError::over_mtu);
  if ((header.flags & VirtioHeader::kNeedsChecksum) != 0) {
    if (auto done = complete_checksum(header, packet.bytes()); !done) return done;
  }
  out.push_back(std::move(packet));
  return {};
}

}  // namespace thicket::tun
