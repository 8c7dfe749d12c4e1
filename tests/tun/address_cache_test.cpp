#include "tun/address_cache.hpp"

#include <gtest/gtest.h>

#include "tun/packets.hpp"

namespace thicket::tun {
namespace {

using std::chrono::seconds;

Destination destination(std::uint32_t number) {
  Destination destination;
  destination.value.bytes[0] = 2;
  store_be32(destination.value.bytes.data() + 4, number);
  return destination;
}

PublicKey key(std::uint8_t number) {
  PublicKey key;
  key.bytes[0] = number;
  return key;
}

TEST(AddressCache, TheLeastRecentlyUsedGoesFirst) {
  AddressCache cache;
  Instant now{};
  for (std::uint32_t i = 0; i < AddressCache::kMaxUsed; ++i) {
    cache.insert(now, destination(i), key(1));
  }
  EXPECT_NE(cache.find(now, destination(0)), nullptr);
  cache.insert(now, destination(1000000), key(1));
  cache.check_invariants();
  EXPECT_EQ(cache.size(), AddressCache::kMaxUsed);
  EXPECT_NE(cache.find(now, destination(0)), nullptr);
  EXPECT_EQ(cache.find(now, destination(1)), nullptr);
}

TEST(AddressCache, UseByTheHostPromotesALearnedEntry) {
  AddressCache cache;
  const Instant now{};
  EXPECT_TRUE(cache.learn(now, destination(0), key(7)));
  EXPECT_FALSE(cache.learn(now, destination(0), key(7)));
  ASSERT_NE(cache.find(now, destination(0)), nullptr);
  for (std::uint32_t i = 1; i <= AddressCache::kMaxLearned + 5; ++i) {
    cache.learn(now, destination(i), key(1));
  }
  cache.check_invariants();
  EXPECT_EQ(cache.size(), AddressCache::kMaxLearned + 1);
  ASSERT_NE(cache.find(now, destination(0)), nullptr);
  EXPECT_EQ(*cache.find(now, destination(0)), key(7));
  EXPECT_EQ(cache.find(now, destination(1)), nullptr);
}

TEST(AddressCache, ExpiredEntriesAreNotFoundEvenBeforeExpire) {
  AddressCache cache;
  const Instant start{};
  cache.insert(start, destination(1), key(1));
  cache.insert(start, destination(2), key(1));
  EXPECT_NE(cache.find(start + seconds(119), destination(1)), nullptr);
  EXPECT_EQ(cache.find(start + seconds(120), destination(2)), nullptr);
  EXPECT_EQ(cache.next_expiry(), start + seconds(120));
  cache.expire(start + seconds(120));
  EXPECT_EQ(cache.size(), 1U);
  EXPECT_EQ(cache.next_expiry(), start + seconds(239));
  EXPECT_EQ(cache.find(start + seconds(239), destination(1)), nullptr);
  EXPECT_TRUE(cache.learn(start + seconds(239), destination(1), key(9)));
  EXPECT_EQ(*cache.find(start + seconds(240), destination(1)), key(9));
  cache.check_invariants();
}

TEST(Destination, TellsNodesAndSubnetsApart) {
  EXPECT_EQ(Destination::of(test::address("2001::1")), std::nullopt);
  EXPECT_EQ(Destination::of(test::address("1ff::1")), std::nullopt);
  EXPECT_EQ(Destination::of(test::address("400::1")), std::nullopt);
  EXPECT_NE(Destination::of(test::address("200::1")), Destination::of(test::address("200::2")));
  EXPECT_EQ(Destination::of(test::address("300::1")), Destination::of(test::address("300::2")));
  EXPECT_NE(Destination::of(test::address("300::1")),
            Destination::of(test::address("300:0:0:1::1")));
  EXPECT_EQ(Destination::of(Address::of(key(3))), Destination::node(key(3)));
}

}  // namespace
}  // namespace thicket::tun
