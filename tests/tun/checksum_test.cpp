#include "tun/checksum.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>

#include "tun/ipv6_header.hpp"
#include "tun/packets.hpp"

namespace thicket::tun {
namespace {

using test::Bytes;

std::uint16_t sum_of(const Bytes& bytes) {
  std::array<std::uint8_t, 2> field{};
  store16(field.data(), checksum_fold(checksum_add(0, bytes)));
  return load_be16(field.data());
}

TEST(Checksum, SumsTheExampleOfRfc1071) {
  EXPECT_EQ(sum_of({0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}), 0xddf2);
}

TEST(Checksum, PadsAnOddByteWithZero) {
  EXPECT_EQ(sum_of({0x12, 0x34, 0x56}), 0x1234 + 0x5600);
}

TEST(Checksum, CarriesAroundTheEnd) {
  EXPECT_EQ(sum_of(Bytes(64, 0xff)), 0xffff);
  EXPECT_EQ(sum_of({0xff, 0xff, 0x00, 0x01}), 0x0001);
}

TEST(Checksum, NeverFinishesAsZero) {
  EXPECT_EQ(checksum_finish(checksum_add(0, Bytes{0xff, 0xff})), 0xffff);
  EXPECT_EQ(checksum_finish(0), 0xffff);
}

TEST(Checksum, HostOrderValuesCountAsBigEndianWords) {
  EXPECT_EQ(checksum_fold(checksum_add16(0, 0x1234)),
            checksum_fold(checksum_add(0, Bytes{0x12, 0x34})));
}

RC_GTEST_PROP(Checksum, EqualsThePlainSum, (Bytes bytes)) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    sum += i % 2 == 0 ? std::uint32_t{bytes[i]} << 8 : bytes[i];
    sum = (sum & 0xffff) + (sum >> 16);
  }
  RC_ASSERT(sum_of(bytes) == sum);
}

RC_GTEST_PROP(Checksum, IsASumOverPieces, (Bytes front, Bytes back)) {
  if (front.size() % 2 != 0) front.push_back(1);
  Bytes whole = front;
  whole.insert(whole.end(), back.begin(), back.end());
  RC_ASSERT(checksum_fold(checksum_add(checksum_add(0, front), back)) ==
            checksum_fold(checksum_add(0, whole)));
}

RC_GTEST_PROP(Checksum, CompletesPackets, (Bytes payload)) {
  Bytes packet = test::udp_packet({}, payload);
  store16(packet.data() + 46, 0);
  const std::uint64_t sum = pseudo_header_sum(ByteView(packet).subspan(8, 32),
                                              static_cast<std::uint32_t>(packet.size() - 40), 17);
  store16(packet.data() + 46, checksum_finish(checksum_add(sum, ByteView(packet).subspan(40))));
  RC_ASSERT(test::checksum_ok(packet));
}

}  // namespace
}  // namespace thicket::tun
