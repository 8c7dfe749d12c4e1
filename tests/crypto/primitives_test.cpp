#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "crypto/hex.hpp"
#include "crypto/public_key.hpp"
#include "crypto/uvarint.hpp"

namespace thicket {
namespace {

using Bytes = std::vector<std::uint8_t>;

RC_GTEST_PROP(Hex, RoundTrips, (Bytes bytes)) {
  std::string hex = to_hex(bytes);
  Bytes read(bytes.size());
  RC_ASSERT(from_hex(hex, read));
  RC_ASSERT(read == bytes);
  std::ranges::transform(hex, hex.begin(), [](char c) { return static_cast<char>(toupper(c)); });
  RC_ASSERT(from_hex(hex, read));
  RC_ASSERT(read == bytes);
  RC_ASSERT(!from_hex(hex + "0", read));
}

TEST(Hex, RefusesEveryOtherCharacter) {
  std::array<std::uint8_t, 1> byte;
  int accepted = 0;
  for (int c = 0; c < 256; ++c) {
    const std::string first{static_cast<char>(c), '0'};
    const std::string second{'0', static_cast<char>(c)};
    EXPECT_EQ(from_hex(first, byte), from_hex(second, byte));
    accepted += from_hex(first, byte);
  }
  EXPECT_EQ(accepted, 22);
}

TEST(PublicKey, HexIsExactlySixtyFourDigits) {
  const std::string hex = "3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29";
  ASSERT_TRUE(PublicKey::from_hex(hex));
  EXPECT_EQ(PublicKey::from_hex(hex)->to_hex(), hex);
  EXPECT_FALSE(PublicKey::from_hex(hex.substr(1)));
  EXPECT_FALSE(PublicKey::from_hex(hex + "00"));
  EXPECT_FALSE(PublicKey::from_hex(" " + hex));
  EXPECT_FALSE(PublicKey::from_hex("0x" + hex.substr(2)));
  EXPECT_FALSE(PublicKey::from_hex(""));
}

TEST(PublicKey, OrderIsThatOfBigEndianNumbers) {
  PublicKey low, high;
  low.bytes[31] = 0xff;
  high.bytes[0] = 0x80;
  EXPECT_LT(low, high);
}

}  // namespace

namespace crypto {
namespace {

rc::Gen<std::uint64_t> any_u64() {
  return rc::gen::map(
      rc::gen::pair(rc::gen::inRange(0, 64), rc::gen::arbitrary<std::uint64_t>()),
      [](std::pair<int, std::uint64_t> shifted) { return shifted.second >> shifted.first; });
}

RC_GTEST_PROP(Uvarint, RoundTrips, (Bytes tail)) {
  const std::uint64_t value = *any_u64();
  std::array<std::uint8_t, kMaxUvarintSize> buffer{};
  const ByteSpan left = put_uvarint(buffer, value);
  const std::size_t size = buffer.size() - left.size();
  RC_ASSERT(size == uvarint_size(value));
  Bytes bytes(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
  for (std::size_t cut = 0; cut < size; ++cut) {
    ByteView in = ByteView(bytes).first(cut);
    RC_ASSERT(!take_uvarint(in));
  }
  bytes.insert(bytes.end(), tail.begin(), tail.end());
  ByteView in = bytes;
  RC_ASSERT(take_uvarint(in) == value);
  RC_ASSERT(in.size() == tail.size());
}

TEST(Uvarint, BoundsOfTheEncoding) {
  EXPECT_EQ(uvarint_size(0), 1U);
  EXPECT_EQ(uvarint_size(127), 1U);
  EXPECT_EQ(uvarint_size(128), 2U);
  EXPECT_EQ(uvarint_size(std::numeric_limits<std::uint64_t>::max()), kMaxUvarintSize);

  const auto take = [](Bytes bytes) {
    ByteView in = bytes;
    return take_uvarint(in);
  };
  EXPECT_EQ(take({0x80, 0x80, 0x00}), 0U) << "longer than minimal is accepted";
  Bytes largest(9, 0xff);
  largest.push_back(1);
  EXPECT_EQ(take(largest), std::numeric_limits<std::uint64_t>::max());
  largest.back() = 2;
  EXPECT_EQ(take(largest), std::nullopt) << "65 bits";
  largest.back() = 0x81;
  largest.push_back(0);
  EXPECT_EQ(take(largest), std::nullopt) << "11 bytes";
}

}  // namespace
}  // namespace crypto
}  // namespace thicket
