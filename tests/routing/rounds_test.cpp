#include "routing/rounds.hpp"

#include <gtest/gtest.h>

#include <set>

namespace thicket::routing {
namespace {

using namespace std::chrono_literals;

constexpr Instant kStart = Instant{} + 1000s;

TEST(Rounds, WithoutABeatAnyMomentWillDo) {
  SeededRandom random(1);
  Rounds rounds(0s, random, kStart);
  rounds.done(kStart + 5s);
  EXPECT_FALSE(rounds.regular());
  EXPECT_EQ(rounds.first_from(kStart + 3ms), kStart + 3ms);
}

TEST(Rounds, AreOneIntervalApart) {
  SeededRandom random(1);
  Rounds rounds(1s, random, kStart);
  const Instant first = rounds.first_from(kStart);
  EXPECT_LE(first, kStart + 1s);
  EXPECT_EQ(rounds.first_from(first), first);
  EXPECT_EQ(rounds.first_from(first + 1ns), first + 1s);
  EXPECT_EQ(rounds.first_from(first + 5500ms), first + 6s);
}

TEST(Rounds, OneIsNotDoneTwice) {
  SeededRandom random(1);
  Rounds rounds(1s, random, kStart);
  const Instant first = rounds.first_from(kStart);
  rounds.done(first);
  EXPECT_EQ(rounds.first_from(first), first + 1s);
  rounds.done(first + 1s + 3ms);  // a little late
  EXPECT_EQ(rounds.first_from(kStart), first + 2s);
}

TEST(Rounds, OfDifferentNodesDoNotCoincide) {
  SeededRandom random(1);
  std::set<Instant> firsts;
  for (int i = 0; i < 20; ++i) firsts.insert(Rounds(1s, random, kStart).first_from(kStart));
  EXPECT_EQ(firsts.size(), 20U);
}

}  // namespace
}  // namespace thicket::routing
