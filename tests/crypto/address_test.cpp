#include "crypto/address.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "crypto/vectors.hpp"

namespace thicket {
namespace {

using test::array_of;
using test::key_of;

PublicKey key_with_leading_zeros(std::size_t zeros, std::array<std::uint8_t, 32> bytes) {
  for (std::size_t i = 0; i < zeros && i < 256; ++i) {
    bytes[i / 8] = static_cast<std::uint8_t>(bytes[i / 8] & ~(0x80 >> i % 8));
  }
  if (zeros < 256) {
    bytes[zeros / 8] = static_cast<std::uint8_t>(bytes[zeros / 8] | 0x80 >> zeros % 8);
  }
  return {bytes};
}

rc::Gen<PublicKey> any_key() {
  return rc::gen::apply(key_with_leading_zeros, rc::gen::inRange<std::size_t>(0, 60),
                        rc::gen::arbitrary<std::array<std::uint8_t, 32>>());
}

TEST(Address, AgreesWithTheVectors) {
  const auto vectors = test::read_vectors("address.json");
  ASSERT_EQ(vectors["keys"].size(), 31U);
  for (const auto& vector : vectors["keys"]) {
    SCOPED_TRACE(vector["public"]);
    const PublicKey key = key_of(vector["public"]);
    const Address address = Address::of(key);
    const Subnet subnet = Subnet::of(key);
    EXPECT_EQ(test::key_pair_of(vector["private"]).public_key(), key);
    EXPECT_EQ(address.bytes, array_of<16>(vector["address_hex"]));
    EXPECT_EQ(address.to_string(), vector["address"]);
    EXPECT_EQ(subnet.bytes, array_of<8>(vector["subnet_hex"]));
    EXPECT_EQ(subnet.to_string(), vector["subnet"]);
    EXPECT_EQ(partial_key(address), key_of(vector["partial_of_address"]));
    EXPECT_EQ(partial_key(subnet), key_of(vector["partial_of_subnet"]));
    EXPECT_EQ(LookupKey::of(key).bytes, array_of<32>(vector["xkey"]));
  }
}

TEST(Address, TextIsCanonical) {
  const auto text = [](const char* hex) {
    return Address{array_of<16>(nlohmann::json(hex))}.to_string();
  };
  EXPECT_EQ(text("00000000000000000000000000000000"), "::");
  EXPECT_EQ(text("00000000000000000000000000000001"), "::1");
  EXPECT_EQ(text("02000000000000000000000000000000"), "200::");
  EXPECT_EQ(text("0200000000000000000a0b0c0d0e0f00"), "200::a:b0c:d0e:f00");
  EXPECT_EQ(text("02000001000200030004000500060007"), "200:1:2:3:4:5:6:7");
  // A single zero group is written out; of equal runs the first is shortened, else the longest.
  EXPECT_EQ(text("02000000000200030004000500060007"), "200:0:2:3:4:5:6:7");
  EXPECT_EQ(text("02000000000000030000000000060007"), "200::3:0:0:6:7");
  EXPECT_EQ(text("02000000000000030000000000000007"), "200:0:0:3::7");
}

TEST(Address, DegenerateKeysStayInBounds) {
  EXPECT_EQ(Address::of(PublicKey{}).to_string(), "200::");
  PublicKey one;
  one.bytes[31] = 1;
  EXPECT_EQ(Address::of(one).to_string(), "2ff::");
  Address all_ones;
  all_ones.bytes.fill(0xff);
  EXPECT_EQ(partial_key(all_ones).bytes[31], 1);  // 255 leading zeros, then the first 1
}

TEST(Address, KindsAreToldApart) {
  Address address;
  for (int first = 0; first < 256; ++first) {
    address.bytes[0] = static_cast<std::uint8_t>(first);
    EXPECT_EQ(is_node_address(address), first == 2);
    EXPECT_EQ(is_subnet_address(address), first == 3);
  }
}

RC_GTEST_PROP(AddressProperty, PartialKeysHaveTheSameAddress, ()) {
  const PublicKey key = *any_key();
  RC_ASSERT(Address::of(partial_key(Address::of(key))) == Address::of(key));
  RC_ASSERT(Subnet::of(partial_key(Subnet::of(key))) == Subnet::of(key));
  RC_ASSERT(LookupKey::of(partial_key(Address::of(key))) == LookupKey::of(key));
  RC_ASSERT(LookupKey::of(partial_key(Subnet::of(key))) == LookupKey::of(key));
}

RC_GTEST_PROP(AddressProperty, BelongsToItsKeyOnly, ()) {
  const PublicKey key = *any_key();
  Address host;
  const Subnet subnet = Subnet::of(key);
  std::copy(subnet.bytes.begin(), subnet.bytes.end(), host.bytes.begin());
  host.bytes[15] = *rc::gen::arbitrary<std::uint8_t>();
  RC_ASSERT(Subnet::containing(host) == subnet);
  RC_ASSERT(belongs_to(Address::of(key), key));
  RC_ASSERT(belongs_to(host, key));

  const auto bit = *rc::gen::inRange<std::size_t>(0, 128);
  Address other = Address::of(key);
  other.bytes[bit / 8] = static_cast<std::uint8_t>(other.bytes[bit / 8] ^ 0x80 >> bit % 8);
  // Flipping the bit that makes it a subnet address gives a host of the same node.
  RC_ASSERT(belongs_to(other, key) == (bit == 7));
  const auto subnet_bit = *rc::gen::inRange<std::size_t>(0, 64);
  host.bytes[subnet_bit / 8] =
      static_cast<std::uint8_t>(host.bytes[subnet_bit / 8] ^ 0x80 >> subnet_bit % 8);
  RC_ASSERT(!belongs_to(host, key));
}

}  // namespace
}  // namespace thicket
