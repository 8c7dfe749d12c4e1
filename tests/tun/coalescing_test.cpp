#include "tun/coalescing.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "tun/packets.hpp"
#include "tun/segmentation.hpp"

namespace thicket::tun {
namespace {

using test::Bytes;
using test::coalesce;
using test::Endpoints;
using test::TcpFields;

/// `count` segments of one flow in sequence, `size` bytes each.
std::vector<Bytes> stream(std::size_t count, std::size_t size, TcpFields fields = {},
                          const Endpoints& ends = {}) {
  std::vector<Bytes> packets;
  for (std::size_t i = 0; i < count; ++i) {
    packets.push_back(test::tcp_packet(ends, fields, test::pattern(size, i * size)));
    fields.sequence += static_cast<std::uint32_t>(size);
  }
  return packets;
}

TEST(Coalescing, MergesConsecutiveTcpSegments) {
  const auto units = coalesce(stream(3, 1000));
  ASSERT_EQ(units.size(), 1U);
  const auto expected = test::super_packet(test::tcp_packet({}, {}, test::pattern(3000)), 1000);
  EXPECT_EQ(units[0].header, expected.header);
  EXPECT_EQ(units[0].bytes, expected.bytes);
}

TEST(Coalescing, MergesUdpDatagramsOfOneSize) {
  std::vector<Bytes> packets;
  for (std::size_t i = 0; i < 3; ++i) {
    packets.push_back(test::udp_packet({}, test::pattern(i < 2 ? 100 : 30, 100 * i)));
  }
  const auto units = coalesce(packets);
  ASSERT_EQ(units.size(), 1U);
  const auto expected = test::super_packet(test::udp_packet({}, test::pattern(230)), 100);
  EXPECT_EQ(units[0].header, expected.header);
  EXPECT_EQ(units[0].bytes, expected.bytes);
}

TEST(Coalescing, LeavesOnePacketAsItIs) {
  const auto units = coalesce(stream(1, 1000));
  ASSERT_EQ(units.size(), 1U);
  EXPECT_EQ(units[0].header, VirtioHeader{});
  EXPECT_EQ(units[0].bytes, stream(1, 1000)[0]);
}

TEST(Coalescing, DoesNothingThatWasNotEnabled) {
  const auto tcp = stream(2, 100);
  EXPECT_EQ(coalesce(tcp, false, true).size(), 2U);
  const std::vector<Bytes> udp(2, test::udp_packet({}, test::pattern(100)));
  EXPECT_EQ(coalesce(udp, true, false).size(), 2U);
}

TEST(Coalescing, InterleavedFlowsMergeEachOnItsOwn) {
  const Endpoints other{.source_port = 1001};
  const auto a = stream(3, 100);
  const auto b = stream(3, 100, {}, other);
  const auto units = coalesce({a[0], b[0], a[1], b[1], a[2], b[2]});
  ASSERT_EQ(units.size(), 2U);
  EXPECT_EQ(test::cut({units[0]}), a);
  EXPECT_EQ(test::cut({units[1]}), b);
}

TEST(Coalescing, PushAndShortSegmentsEndASuperPacket) {
  auto packets = stream(4, 100);
  packets[1] = test::tcp_packet({}, {.sequence = 107, .flags = 0x18}, test::pattern(100, 100));
  auto units = coalesce(packets);
  ASSERT_EQ(units.size(), 2U);
  EXPECT_EQ(units[0].bytes[53], 0x18);  // the push is not lost
  EXPECT_EQ(units[1].bytes[53], 0x10);
  EXPECT_EQ(test::cut(units), packets);

  packets = stream(4, 100);
  packets[1] = test::tcp_packet({}, {.sequence = 107}, test::pattern(50, 100));
  packets[2] = test::tcp_packet({}, {.sequence = 157}, test::pattern(100, 150));
  packets[3] = test::tcp_packet({}, {.sequence = 257}, test::pattern(100, 250));
  units = coalesce(packets);
  ASSERT_EQ(units.size(), 2U);
  EXPECT_EQ(test::cut(units), packets);
}

/// Whether the second of two consecutive segments still merges after `change`.
template <class Change>
bool merges_with(Change change) {
  TcpFields fields{.sequence = 107, .options = test::pattern(4)};
  Endpoints ends;
  Bytes payload = test::pattern(100, 100);
  change(fields, ends, payload);
  return coalesce({test::tcp_packet({}, {.options = test::pattern(4)}, test::pattern(100)),
                   test::tcp_packet(ends, fields, payload)})
             .size() == 1;
}

TEST(Coalescing, NeverMergesWhatDiffers) {
  const auto nothing = [](TcpFields&, Endpoints&, Bytes&) {};
  ASSERT_TRUE(merges_with(nothing));
  EXPECT_FALSE(merges_with([](auto& f, auto&, auto&) { f.sequence = 108; }));
  EXPECT_FALSE(merges_with([](auto& f, auto&, auto&) { f.sequence = 7; }));
  EXPECT_FALSE(merges_with([](auto& f, auto&, auto&) { f.acknowledgement++; }));
  EXPECT_FALSE(merges_with([](auto& f, auto&, auto&) { f.window++; }));
  EXPECT_FALSE(merges_with([](auto& f, auto&, auto&) { f.options = test::pattern(4, 9); }));
  EXPECT_FALSE(merges_with([](auto& f, auto&, auto&) { f.options = test::pattern(8); }));
  EXPECT_FALSE(merges_with([](auto& f, auto&, auto&) { f.hop_limit = 63; }));
  EXPECT_FALSE(merges_with([](auto& f, auto&, auto&) { f.flow_label = 1; }));
  for (const std::uint8_t flag : Bytes{0x02, 0x04, 0x20, 0x40, 0x80}) {
    EXPECT_FALSE(merges_with([=](auto& f, auto&, auto&) { f.flags |= flag; })) << int{flag};
  }
  EXPECT_FALSE(merges_with([](auto& f, auto&, auto&) { f.flags = 0; }));
  EXPECT_FALSE(merges_with([](auto&, auto& e, auto&) { e.source = test::address("200::3"); }));
  EXPECT_FALSE(merges_with([](auto&, auto& e, auto&) { e.destination = test::address("200::3"); }));
  EXPECT_FALSE(merges_with([](auto&, auto& e, auto&) { e.source_port++; }));
  EXPECT_FALSE(merges_with([](auto&, auto& e, auto&) { e.destination_port++; }));
  EXPECT_FALSE(merges_with([](auto&, auto&, auto& p) { p.push_back(0); }));
  EXPECT_FALSE(merges_with([](auto&, auto&, auto& p) { p.clear(); }));
}

TEST(Coalescing, NeverMergesAWrongChecksum) {
  for (const std::size_t bad : {0, 1, 2}) {
    auto packets = stream(3, 100);
    packets[bad].back() ^= 1;
    const auto units = coalesce(packets);
    EXPECT_EQ(units.size(), bad == 1 ? 3U : 2U);
    EXPECT_EQ(test::cut(units), packets);
  }
}

TEST(Coalescing, NeverMergesAChecksumThatCuttingWouldWriteDifferently) {
  auto packets = stream(2, 100);
  Bytes& packet = packets[1];
  // Makes the sum of all else 0xffff, so that both forms of zero are right.
  std::uint16_t rest = load_be16(packet.data() + 56);
  std::uint32_t sum = std::uint32_t{rest} + load_be16(packet.data() + 60);
  store_be16(packet.data() + 60, static_cast<std::uint16_t>((sum & 0xffff) + (sum >> 16)));
  store_be16(packet.data() + 56, 0xffff);
  ASSERT_TRUE(test::checksum_ok(packet));
  EXPECT_EQ(coalesce(packets).size(), 1U);
  store_be16(packet.data() + 56, 0);
  ASSERT_TRUE(test::checksum_ok(packet));
  EXPECT_EQ(coalesce(packets).size(), 2U);
  EXPECT_EQ(test::cut(coalesce(packets)), packets);
}

TEST(Coalescing, APureAcknowledgementIsNotOvertaken) {
  auto packets = stream(2, 100);
  packets.insert(packets.begin() + 1, test::tcp_packet({}, {.sequence = 107}, {}));
  const auto units = coalesce(packets);
  EXPECT_EQ(units.size(), 3U);
  EXPECT_EQ(test::cut(units), packets);
}

TEST(Coalescing, RespectsTheLargestSizeAndCount) {
  for (const auto& unit : coalesce(stream(100, 1220))) EXPECT_LE(unit.bytes.size(), 65535U);
  EXPECT_EQ(coalesce(stream(100, 1220)).size(), 2U);
  const auto units = coalesce(stream(Coalescer::kMaxMerged + 1, 48));
  ASSERT_EQ(units.size(), 2U);
  EXPECT_EQ(test::payload_of(units[0].bytes).size(), Coalescer::kMaxMerged * 48);
}

TEST(Coalescing, MoreFlowsThanSlotsLoseNothing) {
  std::vector<Bytes> packets;
  for (std::size_t round = 0; round < 3; ++round) {
    for (std::uint16_t flow = 0; flow < Coalescer::kMaxOpenFlows + 3; ++flow) {
      packets.push_back(stream(3, 100, {}, {.source_port = flow})[round]);
    }
  }
  EXPECT_EQ(test::cut(coalesce(packets)), packets);  // each flow was evicted before its next one
}

TEST(Coalescing, StartsAfreshAfterAFlush) {
  Coalescer coalescer(true, true);
  std::size_t units = 0;
  for (const Bytes& packet : stream(2, 100)) {
    coalescer.add(Packet::copy_of(packet));
    EXPECT_EQ(coalescer.packets(), 1U);
    coalescer.flush([&](const VirtioHeader&, auto) { ++units; });
    EXPECT_EQ(coalescer.packets(), 0U);
    EXPECT_EQ(coalescer.capacity(), 0U);
  }
  EXPECT_EQ(units, 2U);
}

RC_GTEST_PROP(Coalescing, CutThenMergedIsTheSuperPacket, (bool tcp, bool push)) {
  const auto segment_size = static_cast<std::uint16_t>(*rc::gen::inRange(1024, 20000));
  const auto size = *rc::gen::inRange<std::size_t>(segment_size + 1UL, 65000);
  const std::uint8_t flags = push ? 0x18 : 0x10;
  const auto super =
      test::super_packet(tcp ? test::tcp_packet({}, {.flags = flags}, test::pattern(size))
                             : test::udp_packet({}, test::pattern(size)),
                         segment_size);
  std::vector<Packet> segments;
  RC_ASSERT(segment(super.header, Packet::copy_of(super.bytes), 65535, segments).has_value());
  const auto units = coalesce(test::to_bytes(segments));
  RC_ASSERT(units.size() == 1U);
  RC_ASSERT(units[0].header == super.header);
  RC_ASSERT(units[0].bytes == super.bytes);
}

/// The source port, which alone tells generated flows apart.
std::uint16_t flow_of(const Bytes& packet) {
  return load_be16(packet.data() + 40);
}

RC_GTEST_PROP(Coalescing, LosesNothingAndKeepsTheOrderOfEachFlow, ()) {
  std::vector<Bytes> packets;
  std::map<std::uint16_t, std::uint32_t> sequence;
  const auto count = *rc::gen::inRange(0, 80);
  for (int i = 0; i < count; ++i) {
    const auto port = *rc::gen::inRange<std::uint16_t>(0, 3);
    const Endpoints ends{.source_port = port};
    const Bytes payload = test::pattern(*rc::gen::element<std::size_t>(0, 10, 100, 100, 100, 100),
                                        static_cast<std::size_t>(i));
    if (port == 2) {
      packets.push_back(test::udp_packet(ends, payload));
      continue;
    }
    TcpFields fields{.sequence = sequence[port]};
    fields.flags = *rc::gen::weightedElement<std::uint8_t>(
        {{20, 0x10}, {1, 0x18}, {1, 0x11}, {1, 0x14}, {1, 0x90}, {1, 0x02}, {1, 0x50}});
    packets.push_back(test::tcp_packet(ends, fields, payload));
    if (*rc::gen::inRange(0, 20) == 0) packets.back().back() ^= 0x40;
    sequence[port] += static_cast<std::uint32_t>(payload.size());
    if (*rc::gen::inRange(0, 15) == 0) sequence[port] += 5;
  }
  std::map<std::uint16_t, std::vector<Bytes>> before;
  std::map<std::uint16_t, std::vector<Bytes>> after;
  for (const Bytes& packet : packets) before[flow_of(packet)].push_back(packet);
  for (const Bytes& packet : test::cut(coalesce(packets))) {
    after[flow_of(packet)].push_back(packet);
  }
  RC_ASSERT(before == after);
}

RC_GTEST_PROP(Coalescing, PassesArbitraryBytesOnUnchanged, (std::vector<Bytes> packets)) {
  for (Bytes& packet : packets) {
    if (packet.empty()) continue;
    packet[0] = 0x60;
    if (packet.size() > 6) packet[6] = packet[6] % 2 == 0 ? kProtocolTcp : kProtocolUdp;
    if (packet.size() >= 40)
      store_be16(packet.data() + 4, static_cast<std::uint16_t>(packet.size() - 40));
  }
  RC_ASSERT(test::cut(coalesce(packets)) == packets);
}

}  // namespace
}  // namespace thicket::tun
