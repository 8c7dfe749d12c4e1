#include "sim/prng.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace thicket::sim {
namespace {

TEST(Prng, SplitMix64HasItsKnownOutputs) {
  std::uint64_t state = 1234567;
  for (const std::uint64_t expected :
       {6457827717110365317u, 3203168211198807973u, 9817491932198370423u, 4593380528125082431u,
        16408922859458223821u}) {
    EXPECT_EQ(splitmix64(state), expected);
  }
}

TEST(Prng, Xoshiro256HasItsKnownOutputs) {
  Xoshiro256 generator{{1, 2, 3, 4}};
  for (const std::uint64_t expected :
       {std::uint64_t{11520}, std::uint64_t{0}, std::uint64_t{1509978240},
        std::uint64_t{1215971899390074240}, std::uint64_t{1216172134540287360},
        std::uint64_t{607988272756665600}, std::uint64_t{16172922978634559625u},
        std::uint64_t{8476171486693032832}, std::uint64_t{10595114339597558777u},
        std::uint64_t{2904607092377533576}}) {
    EXPECT_EQ(generator.next(), expected);
  }
}

TEST(Prng, IsXoshiroSeededBySplitMix) {
  std::uint64_t state = 42;
  Xoshiro256 generator{};
  for (auto& word : generator.state) word = splitmix64(state);
  Prng prng(42);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(prng.next(), generator.next());
}

TEST(Prng, FillsWithItsWordsLittleEndian) {
  Prng words(7);
  Prng bytes(7);
  std::array<std::uint8_t, 11> out{};
  bytes.fill(out);
  const std::uint64_t first = words.next();
  const std::uint64_t second = words.next();
  for (std::size_t i = 0; i < 8; ++i) EXPECT_EQ(out[i], (first >> (8 * i)) & 0xff);
  for (std::size_t i = 8; i < 11; ++i) EXPECT_EQ(out[i], (second >> (8 * (i - 8))) & 0xff);
  EXPECT_EQ(bytes.next(), words.next());
}

RC_GTEST_PROP(Prng, BelowIsBelow, (std::uint64_t seed, std::uint64_t bound)) {
  RC_PRE(bound != 0u);
  Prng prng(seed);
  for (int i = 0; i < 20; ++i) RC_ASSERT(prng.below(bound) < bound);
}

TEST(Prng, BelowIsUniform) {
  Prng prng(1);
  std::array<int, 6> count{};
  for (int i = 0; i < 60'000; ++i) ++count[prng.below(6)];
  for (const int n : count) EXPECT_NEAR(n, 10'000, 500);  // 5 standard deviations
}

TEST(Prng, BelowHasNoBiasForHugeBounds) {
  // Without rejection, the lowest third of this range would come up half of the time.
  const std::uint64_t bound = 3 * (std::uint64_t{1} << 62);
  Prng prng(1);
  std::array<int, 3> count{};
  for (int i = 0; i < 30'000; ++i) ++count[prng.below(bound) >> 62];
  for (const int n : count) EXPECT_NEAR(n, 10'000, 500);
}

TEST(Prng, ChanceComesTrueAsOftenAsItSays) {
  Prng prng(3);
  int count = 0;
  for (int i = 0; i < 100'000; ++i) count += prng.chance(3, 10) ? 1 : 0;
  EXPECT_NEAR(count, 30'000, 800);
  EXPECT_FALSE(prng.chance(0, 5));
  EXPECT_TRUE(prng.chance(5, 5));
}

TEST(Prng, UniformReachesBothEndsAndNoFurther) {
  Prng prng(4);
  std::set<std::int64_t> seen;
  for (int i = 0; i < 200; ++i) seen.insert(prng.uniform(Duration(-1), Duration(2)).count());
  EXPECT_EQ(seen, (std::set<std::int64_t>{-1, 0, 1, 2}));
  EXPECT_EQ(prng.uniform(Duration(9), Duration(9)), Duration(9));
  // The whole range of the type must not wrap to an empty one.
  EXPECT_NE(prng.uniform(Duration::min(), Duration::max()),
            prng.uniform(Duration::min(), Duration::max()));
}

TEST(Prng, ExponentialIsTheLogarithmOfItsDraw) {
  Prng draws(5);
  Prng prng(5);
  const double mean = 1e15;
  for (int i = 0; i < 1000; ++i) {
    const double u = (static_cast<double>(draws.next()) + 1) * 0x1p-64;
    const auto value =
        static_cast<double>(prng.exponential(Duration(1'000'000'000'000'000)).count());
    // 2^-32 of the mean
    EXPECT_NEAR(value, -std::log(u) * mean, mean * 0x1p-32);
  }
}

TEST(Prng, ExponentialHasItsMeanAndTail) {
  Prng prng(6);
  double sum = 0;
  int above = 0;
  const int n = 100'000;
  for (int i = 0; i < n; ++i) {
    const Duration value = prng.exponential(std::chrono::seconds(10));
    ASSERT_GE(value, Duration::zero());
    sum += static_cast<double>(value.count()) / 1e9;
    above += value > std::chrono::seconds(20) ? 1 : 0;
  }
  EXPECT_NEAR(sum / n, 10, 0.15);
  EXPECT_NEAR(above, n * std::exp(-2), 500);
  EXPECT_EQ(prng.exponential(Duration::zero()), Duration::zero());
}

TEST(Prng, ExponentialOfTheLongestMeanDoesNotWrap) {
  Prng prng(6);
  for (int i = 0; i < 100; ++i) EXPECT_GE(prng.exponential(Duration::max()), Duration::zero());
}

TEST(Prng, ForkDependsOnSeedAndLabelOnly) {
  Prng fresh(8);
  Prng used(8);
  for (int i = 0; i < 10; ++i) used.next();
  const std::uint64_t first = fresh.fork(1).next();
  EXPECT_EQ(used.fork(1).next(), first);
  EXPECT_NE(fresh.fork(2).next(), first);
  EXPECT_NE(Prng(9).fork(1).next(), first);
  EXPECT_NE(fresh.fork(1).fork(1).next(), first);
  EXPECT_NE(fresh.next(), first);
}

TEST(Prng, ForksOfNeighbouringSeedsAndLabelsDiffer) {
  std::set<std::uint64_t> firsts;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    firsts.insert(Prng(seed).next());
    for (std::uint64_t label = 0; label < 50; ++label) firsts.insert(Prng(seed).fork(label).next());
  }
  EXPECT_EQ(firsts.size(), 50u * 51u);
}

TEST(Prng, ShufflesIntoEveryOrderEquallyOften) {
  Prng prng(10);
  std::map<std::array<int, 3>, int> count;
  for (int i = 0; i < 60'000; ++i) {
    std::array items{1, 2, 3};
    prng.shuffle(std::span<int>(items));
    ++count[items];
  }
  EXPECT_EQ(count.size(), 6u);
  for (const auto& [order, n] : count) EXPECT_NEAR(n, 10'000, 500);
}

}  // namespace
}  // namespace thicket::sim
