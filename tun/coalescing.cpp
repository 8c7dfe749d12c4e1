#include "tun/coalescing.hpp"

#include <algorithm>
#include <cstring>

#include "tun/checksum.hpp"
#include "tun/ipv6_header.hpp"
#include "tun/tcp_udp.hpp"

namespace thicket::tun {
namespace {

constexpr std::size_t kTransport = Ipv6Header::kSize;  // only packets without extension headers
constexpr std::size_t kPortsEnd = kTransport + 4;
// Addresses and ports: with the protocol, what makes a flow.
constexpr std::size_t kFlowOffset = Ipv6Header::kSourceOffset;
constexpr std::size_t kFlowSize = kPortsEnd - kFlowOffset;
constexpr std::size_t kMaxUnitSize = 65535;  // what kernels accept in one write whatever their age

bool same_bytes(ByteView a, ByteView b, std::size_t from, std::size_t to) {
  return std::memcmp(a.data() + from, b.data() + from, to - from) == 0;
}

bool checksum_is_valid(ByteView packet) {
  const auto size = static_cast<std::uint32_t>(packet.size() - kTransport);
  const std::uint64_t sum = pseudo_header_sum(packet.subspan(Ipv6Header::kSourceOffset, 32), size,
                                              packet[Ipv6Header::kNextHeaderOffset]);
  return checksum_fold(checksum_add(sum, packet.subspan(kTransport))) == 0xffff;
}

std::uint32_t tcp_sequence(ByteView packet) {
  return load_be32(packet.data() + kTransport + TcpHeader::kSequenceOffset);
}

std::uint8_t tcp_flags(ByteView packet) {
  return packet[kTransport + TcpHeader::kFlagsOffset];
}

}  // namespace

Coalescer::Coalescer(bool merge_tcp, bool merge_udp)
    : merge_tcp_(merge_tcp), merge_udp_(merge_udp) {}

Coalescer::Segment Coalescer::classify(ByteView packet) {
  Segment segment;
  if (packet.size() < kTransport + UdpHeader::kSize || packet[0] >> 4 != 6) return segment;
  const std::size_t length = load_be16(packet.data() + Ipv6Header::kLengthOffset);
  if (packet.size() - Ipv6Header::kSize != length || packet.size() > kMaxUnitSize) return segment;
  const std::uint8_t protocol = packet[Ipv6Header::kNextHeaderOffset];
  const std::uint8_t* const transport = packet.data() + kTransport;
  if (protocol == kProtocolTcp) {
    if (length < TcpHeader::kMinSize) return segment;
    const std::size_t tcp_size = std::size_t{transport[TcpHeader::kDataOffset]} >> 4 << 2;
    if (tcp_size < TcpHeader::kMinSize || tcp_size >= length) return segment;
    constexpr unsigned kAlone =
        TcpHeader::kSyn | TcpHeader::kRst | TcpHeader::kUrg | TcpHeader::kCwr;
    const unsigned flags = transport[TcpHeader::kFlagsOffset];
    segment.tcp = true;
    segment.header_size = kTransport + tcp_size;
    // Cutting would give a checksum of 0 its other form, 0xffff.
    segment.mergeable = (flags & kAlone) == 0 && (flags & TcpHeader::kAck) != 0 &&
                        load16(transport + TcpHeader::kChecksumOffset) != 0;
    segment.final = (flags & (TcpHeader::kPsh | TcpHeader::kFin)) != 0;
  } else if (protocol == kProtocolUdp) {
    if (load_be16(transport + UdpHeader::kLengthOffset) != length || length == UdpHeader::kSize ||
        load16(transport + UdpHeader::kChecksumOffset) == 0) {
      return segment;
    }
    segment.header_size = kTransport + UdpHeader::kSize;
    segment.mergeable = true;
  }
  segment.payload_size = packet.size() - segment.header_size;
  return segment;
}

std::size_t Coalescer::find_open(ByteView packet) const {
  for (std::size_t slot = open_count_; slot-- > 0;) {
    const ByteView head = packets_[units_[open_[slot]].first].bytes();
    if (head[Ipv6Header::kNextHeaderOffset] == packet[Ipv6Header::kNextHeaderOffset] &&
        std::memcmp(head.data() + kFlowOffset, packet.data() + kFlowOffset, kFlowSize) == 0) {
      return slot;
    }
  }
  return kNone;
}

/// Whether `packet`, of the same flow, continues `unit` with headers that cutting would restore.
bool Coalescer::fits(const Unit& unit, const Segment& segment, ByteView packet) const {
  if (!segment.mergeable || segment.header_size != unit.header_size ||
      segment.payload_size > unit.segment_size || unit.count == kMaxMerged ||
      unit.size + segment.payload_size > kMaxUnitSize) {
    return false;
  }
  const ByteView head = packets_[unit.first].bytes();
  // Version, traffic class and flow label; hop limit.
  if (!same_bytes(head, packet, 0, Ipv6Header::kLengthOffset) ||
      head[Ipv6Header::kHopLimitOffset] != packet[Ipv6Header::kHopLimitOffset]) {
    return false;
  }
  if (!unit.tcp) return true;
  constexpr std::size_t kFlags = kTransport + TcpHeader::kFlagsOffset;
  constexpr std::size_t kChecksum = kTransport + TcpHeader::kChecksumOffset;
  constexpr unsigned kMayDiffer = TcpHeader::kPsh | TcpHeader::kFin;
  return tcp_sequence(packet) == unit.next_sequence &&
         ((unsigned{head[kFlags]} ^ packet[kFlags]) & ~kMayDiffer) == 0 &&
         // Acknowledgement and data offset; window; urgent pointer and options.
         same_bytes(head, packet, kTransport + TcpHeader::kSequenceOffset + 4, kFlags) &&
         same_bytes(head, packet, kFlags + 1, kChecksum) &&
         same_bytes(head, packet, kChecksum + 2, unit.header_size);
}

bool Coalescer::verify(Unit& unit, ByteView packet) {
  if (!unit.verified) unit.verified = checksum_is_valid(packets_[unit.first].bytes());
  return unit.verified && checksum_is_valid(packet);
}

void Coalescer::append(Unit& unit, const Segment& segment, std::size_t index) {
  next_[unit.last] = index;
  unit.last = index;
  ++unit.count;
  unit.size += segment.payload_size;
  unit.next_sequence += static_cast<std::uint32_t>(segment.payload_size);
}

void Coalescer::begin(const Segment& segment, std::size_t index) {
  const ByteView packet = packets_[index].bytes();
  Unit unit;
  unit.first = unit.last = index;
  unit.size = packet.size();
  unit.header_size = segment.header_size;
  unit.segment_size = segment.payload_size;
  unit.tcp = segment.tcp;
  if (segment.tcp) {
    unit.next_sequence = tcp_sequence(packet) + static_cast<std::uint32_t>(segment.payload_size);
  }
  units_.push_back(unit);
}

void Coalescer::open(std::size_t unit) {
  if (open_count_ == kMaxOpenFlows) close(0);
  open_[open_count_++] = unit;
}

void Coalescer::close(std::size_t slot) {
  std::copy(open_.begin() + static_cast<std::ptrdiff_t>(slot) + 1,
            open_.begin() + static_cast<std::ptrdiff_t>(open_count_),
            open_.begin() + static_cast<std::ptrdiff_t>(slot));
  --open_count_;
}

void Coalescer::add(Packet packet) {
  const std::size_t index = packets_.size();
  capacity_ += packet.capacity();
  packets_.push_back(std::move(packet));
  next_.push_back(kNone);
  const ByteView bytes = packets_.back().bytes();
  const Segment segment = classify(bytes);
  const std::size_t slot = bytes.size() >= kPortsEnd ? find_open(bytes) : kNone;
  if (slot != kNone) {
    Unit& unit = units_[open_[slot]];
    if (fits(unit, segment, bytes) && verify(unit, bytes)) {
      append(unit, segment, index);
      if (segment.final || segment.payload_size < unit.segment_size) close(slot);
      return;
    }
    // Whatever this packet is, later ones of the flow must not overtake it.
    close(slot);
  }
  begin(segment, index);
  // A packet so large that no second one of its size fits is not worth a slot.
  if (segment.mergeable && !segment.final && enabled(segment) &&
      bytes.size() + segment.payload_size <= kMaxUnitSize) {
    open(units_.size() - 1);
  }
}

/// Makes the headers of the first packet those of the whole super-packet.
VirtioHeader Coalescer::finish(const Unit& unit) {
  const ByteSpan head = packets_[unit.first].bytes();
  const auto length = static_cast<std::uint16_t>(unit.size - Ipv6Header::kSize);
  std::uint8_t* const transport = head.data() + kTransport;
  VirtioHeader header;
  header.flags = VirtioHeader::kNeedsChecksum;
  header.header_length = static_cast<std::uint16_t>(unit.header_size);
  header.segment_size = static_cast<std::uint16_t>(unit.segment_size);
  header.checksum_start = kTransport;
  store_be16(head.data() + Ipv6Header::kLengthOffset, length);
  if (unit.tcp) {
    header.gso_type = VirtioHeader::kGsoTcp6;
    header.checksum_offset = TcpHeader::kChecksumOffset;
    transport[TcpHeader::kFlagsOffset] = tcp_flags(packets_[unit.last].bytes());
  } else {
    header.gso_type = VirtioHeader::kGsoUdp;
    header.checksum_offset = UdpHeader::kChecksumOffset;
    store_be16(transport + UdpHeader::kLengthOffset, length);
  }
  const std::uint64_t sum = pseudo_header_sum(ByteView(head).subspan(Ipv6Header::kSourceOffset, 32),
                                              length, head[Ipv6Header::kNextHeaderOffset]);
  store16(transport + header.checksum_offset, checksum_fold(sum));
  return header;
}

void Coalescer::flush(const Sink& sink) {
  for (const Unit& unit : units_) {
    const VirtioHeader header = unit.count > 1 ? finish(unit) : VirtioHeader{};
    pieces_.clear();
    for (std::size_t at = unit.first; at != kNone; at = next_[at]) {
      const ByteView bytes = packets_[at].bytes();
      pieces_.push_back(at == unit.first ? bytes : bytes.subspan(unit.header_size));
    }
    sink(header, pieces_);
  }
  units_.clear();
  packets_.clear();
  next_.clear();
  open_count_ = 0;
  capacity_ = 0;
}

}  // namespace thicket::tun
