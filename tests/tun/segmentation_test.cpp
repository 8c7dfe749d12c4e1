#include "tun/segmentation.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tun/packets.hpp"

namespace thicket::tun {
namespace {

using test::Bytes;
using test::SuperPacket;
using test::TcpFields;

constexpr std::size_t kMtu = 65535;

Result<std::vector<Bytes>, SegmentationError> run(const VirtioHeader& header, const Bytes& bytes,
                                                  std::size_t mtu = kMtu) {
  std::vector<Packet> out;
  if (auto done = segment(header, Packet::copy_of(bytes), mtu, out); !done) {
    EXPECT_TRUE(out.empty());
    return failure(done.error());
  }
  return test::to_bytes(out);
}

SuperPacket tcp_super(std::size_t payload, std::uint16_t size, TcpFields fields = {}) {
  return test::super_packet(test::tcp_packet({}, fields, test::pattern(payload)), size);
}

TEST(Segmentation, CutsTcpBySegmentSize) {
  const auto super = tcp_super(2500, 1000);
  const auto segments = run(super.header, super.bytes).value();
  ASSERT_EQ(segments.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const TcpFields expected{.sequence = static_cast<std::uint32_t>(7 + 1000 * i)};
    EXPECT_EQ(segments[i],
              test::tcp_packet({}, expected, test::pattern(i < 2 ? 1000 : 500, 1000 * i)));
  }
}

TEST(Segmentation, KeepsOptionsInEverySegment) {
  const TcpFields fields{.options = test::pattern(12)};
  const auto super = tcp_super(30, 10, fields);
  const auto segments = run(super.header, super.bytes).value();
  ASSERT_EQ(segments.size(), 3U);
  for (const Bytes& bytes : segments) {
    EXPECT_EQ(Bytes(bytes.begin() + 60, bytes.begin() + 72), fields.options);
    EXPECT_TRUE(test::checksum_ok(bytes));
  }
}

TEST(Segmentation, SetsPushAndFinOnlyOnTheLastAndCwrOnlyOnTheFirst) {
  constexpr std::uint8_t kCwrFinPshAck = 0x80 | 0x01 | 0x08 | 0x10;
  auto super = tcp_super(25, 10, {.flags = kCwrFinPshAck});
  super.header.gso_type |= VirtioHeader::kGsoEcn;
  const auto segments = run(super.header, super.bytes).value();
  ASSERT_EQ(segments.size(), 3U);
  EXPECT_EQ(segments[0][53], 0x80 | 0x10);
  EXPECT_EQ(segments[1][53], 0x10);
  EXPECT_EQ(segments[2][53], 0x01 | 0x08 | 0x10);
}

TEST(Segmentation, LetsTheSequenceNumberWrap) {
  const auto super = tcp_super(20, 10, {.sequence = 0xfffffffb});
  const auto segments = run(super.header, super.bytes).value();
  ASSERT_EQ(segments.size(), 2U);
  EXPECT_EQ(load_be32(segments[1].data() + 44), 5U);
}

TEST(Segmentation, CutsUdp) {
  const auto super = test::super_packet(test::udp_packet({}, test::pattern(25)), 10);
  const auto segments = run(super.header, super.bytes).value();
  ASSERT_EQ(segments.size(), 3U);
  EXPECT_EQ(segments[0], test::udp_packet({}, test::pattern(10)));
  EXPECT_EQ(segments[2], test::udp_packet({}, test::pattern(5, 20)));
}

TEST(Segmentation, KeepsExtensionHeaders) {
  auto super = tcp_super(20, 10);
  const Bytes extension{kProtocolTcp, 0, 1, 4, 0, 0, 0, 0};  // destination options, padding
  super.bytes.insert(super.bytes.begin() + 40, extension.begin(), extension.end());
  super.bytes[6] = 60;
  store_be16(super.bytes.data() + 4, static_cast<std::uint16_t>(super.bytes.size() - 40));
  super.header.checksum_start = 48;
  const auto segments = run(super.header, super.bytes).value();
  ASSERT_EQ(segments.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    Bytes plain = segments[i];
    EXPECT_EQ(Bytes(plain.begin() + 40, plain.begin() + 48), extension);
    EXPECT_EQ(load_be16(plain.data() + 4), plain.size() - 40);
    plain.erase(plain.begin() + 40, plain.begin() + 48);
    plain[6] = kProtocolTcp;
    EXPECT_TRUE(test::checksum_ok(plain));
  }
}

TEST(Segmentation, CompletesAPartialChecksumInPlace) {
  const Bytes whole = test::tcp_packet({}, {}, test::pattern(100));
  auto super = test::super_packet(whole, 0);
  super.header.gso_type = VirtioHeader::kGsoNone;
  EXPECT_EQ(run(super.header, super.bytes).value(), std::vector<Bytes>{whole});
}

TEST(Segmentation, PassesOtherPacketsOn) {
  const Bytes bytes = test::pattern(40);
  EXPECT_EQ(run({}, bytes).value(), std::vector<Bytes>{bytes});
}

TEST(Segmentation, RefusesWhatDoesNotFitTheMtu) {
  const auto super = tcp_super(2500, 1000);
  EXPECT_EQ(run(super.header, super.bytes, 1059).error(), SegmentationError::over_mtu);
  EXPECT_TRUE(run(super.header, super.bytes, 1060));
  EXPECT_EQ(run({}, super.bytes, 2559).error(), SegmentationError::over_mtu);
  EXPECT_TRUE(run({}, super.bytes, 2560));
}

TEST(Segmentation, RefusesMalformedHeaders) {
  const auto good = tcp_super(2500, 1000);
  const auto error_with = [&](auto change) {
    auto bad = good;
    change(bad);
    const auto result = run(bad.header, bad.bytes);
    EXPECT_FALSE(result);
    return result ? SegmentationError{-1} : result.error();
  };
  using E = SegmentationError;
  EXPECT_EQ(error_with([](auto& p) { p.header.gso_type = 1; }), E::unsupported);
  EXPECT_EQ(error_with([](auto& p) { p.header.segment_size = 0; }), E::malformed);
  EXPECT_EQ(error_with([](auto& p) { p.header.segment_size = 1; }), E::too_many_segments);
  EXPECT_EQ(error_with([](auto& p) { p.header.flags = 0; }), E::malformed);
  EXPECT_EQ(error_with([](auto& p) { p.header.checksum_start = 39; }), E::malformed);
  EXPECT_EQ(error_with([](auto& p) { p.header.checksum_start = 0xffff; }), E::truncated);
  EXPECT_EQ(error_with([](auto& p) { p.header.checksum_offset = 6; }), E::malformed);
  EXPECT_EQ(error_with([](auto& p) { p.bytes[0] = 0x45; }), E::malformed);
  EXPECT_EQ(error_with([](auto& p) { p.bytes[52] = 0x40; }), E::malformed);
  EXPECT_EQ(error_with([](auto& p) { p.bytes.resize(60); }), E::truncated);
  EXPECT_EQ(error_with([](auto& p) { p.bytes.resize(39); }), E::truncated);
  EXPECT_EQ(error_with([](auto& p) { p.bytes.resize(65576); }), E::malformed);
}

TEST(Segmentation, RefusesAChecksumFieldOutsideThePacket) {
  VirtioHeader header;
  header.flags = VirtioHeader::kNeedsChecksum;
  header.checksum_start = 40;
  header.checksum_offset = 16;
  EXPECT_EQ(run(header, Bytes(57)).error(), SegmentationError::truncated);
  EXPECT_TRUE(run(header, Bytes(58)));
  header.checksum_offset = 0xffff;
  EXPECT_EQ(run(header, Bytes(58)).error(), SegmentationError::truncated);
}

RC_GTEST_PROP(Segmentation, PreservesPayloadAndChecksums, (bool tcp)) {
  const auto size = *rc::gen::inRange<std::size_t>(1, 65000);
  const auto segment_size = static_cast<std::uint16_t>(*rc::gen::inRange(48, 20000));
  const Bytes payload = test::pattern(size);
  const auto super = test::super_packet(
      tcp ? test::tcp_packet({}, {.options = test::pattern(*rc::gen::inRange(0, 11) * 4UL)},
                             payload)
          : test::udp_packet({}, payload),
      segment_size);
  Bytes joined;
  const auto segments = run(super.header, super.bytes).value();
  for (std::size_t i = 0; i < segments.size(); ++i) {
    RC_ASSERT(test::checksum_ok(segments[i]));
    RC_ASSERT(Ipv6Header::parse(segments[i]).has_value());
    const Bytes part = test::payload_of(segments[i]);
    const bool last = i + 1 == segments.size();
    RC_ASSERT(part.size() <= segment_size);
    RC_ASSERT(last || part.size() == segment_size);
    RC_ASSERT(!part.empty());
    joined.insert(joined.end(), part.begin(), part.end());
  }
  RC_ASSERT(joined == payload);
}

RC_GTEST_PROP(Segmentation, SurvivesArbitraryBytes, (Bytes bytes)) {
  VirtioHeader header;
  header.flags = *rc::gen::element<std::uint8_t>(0, 1, 0xff);
  header.gso_type = *rc::gen::element<std::uint8_t>(0, 4, 5, 0x84, 0xff);
  header.segment_size = *rc::gen::arbitrary<std::uint16_t>();
  header.checksum_start = *rc::gen::element<std::uint16_t>(0, 40, 48, 60, 0xffff);
  header.checksum_offset = *rc::gen::element<std::uint16_t>(0, 6, 16, 0xffff);
  bytes.insert(bytes.begin(), 40, 0x60);
  if (auto segments = run(header, bytes)) {
    for (const Bytes& one : *segments) RC_ASSERT(one.size() <= kMtu);
  }
}

}  // namespace
}  // namespace thicket::tun
