#include "crypto/random.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>
#include <vector>

namespace thicket {
namespace {

TEST(SeededRandom, IsAFunctionOfItsSeed) {
  SeededRandom one(7), same(7), other(8);
  for (int i = 0; i < 10; ++i) {
    const std::uint64_t value = one.next_u64();
    EXPECT_EQ(value, same.next_u64());
    EXPECT_NE(value, other.next_u64());
  }
}

TEST(SeededRandom, NeverRepeatsAndFillsEverything) {
  SeededRandom random(7);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random.next_u64());
  EXPECT_EQ(seen.size(), 1000U);
  std::vector<std::uint8_t> bytes(1000);
  random.fill(bytes);
  EXPECT_LT(std::count(bytes.begin(), bytes.end(), 0), 20);
  random.fill({});
}

TEST(Random, BelowReachesEveryValueEvenly) {
  SeededRandom random(7);
  std::array<int, 6> counts{};
  for (int i = 0; i < 6000; ++i) ++counts[random.below(6)];
  for (const int count : counts) EXPECT_NEAR(count, 1000, 150);
}

RC_GTEST_PROP(RandomProperty, BelowKeepsItsBound, (std::uint64_t seed)) {
  const auto bound = *rc::gen::nonZero<std::uint64_t>();
  SeededRandom random(seed);
  for (int i = 0; i < 20; ++i) RC_ASSERT(random.below(bound) < bound);
}

}  // namespace
}  // namespace thicket
