#include "node/next_hops.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "crypto/cryptography.hpp"

namespace thicket::node {
namespace {

using End = NextHop::End;
using std::chrono::milliseconds;

PublicKey key_number(std::uint8_t number) {
  PublicKey key;
  key.bytes.fill(number);
  return key;
}

/// A node without links finds nobody: limits and deadlines. For the rest see trace_test.cpp.
class NextHopsTest : public ::testing::Test {
 protected:
  bool start(const PublicKey& target) {
    return hops.start(now, target, std::nullopt,
                      [this](const NextHop& hop) { ends.push_back(hop.end); });
  }
  void advance(Duration by) {
    now.steady += by;
    queries.tick(now);
    hops.tick(now);
  }
  std::size_t lookups() {
    std::size_t count = 0;
    while (hops.next_lookup()) ++count;
    return count;
  }

  SeededRandom random{1};
  KeyPair identity = KeyPair::generate(random);
  SodiumCryptography cryptography;
  Time now{Instant(std::chrono::hours(1)), 1800000000};
  routing::Router router{identity, cryptography, random, {}, now};
  RemoteQueries queries{router, "{}"};
  NextHops hops{router, queries};
  std::vector<End> ends;
};

TEST_F(NextHopsTest, WhoIsNotFoundInTimeIsNotThere) {
  ASSERT_TRUE(start(key_number(7)));
  EXPECT_EQ(lookups(), 1U);
  hops.resolved(now, key_number(8));
  advance(NextHops::kFindTime - milliseconds(1));
  EXPECT_TRUE(ends.empty());
  EXPECT_EQ(hops.next_deadline(), now.steady + milliseconds(1));
  advance(milliseconds(1));
  EXPECT_EQ(ends, std::vector<End>{End::not_found});
  EXPECT_EQ(hops.next_deadline(), std::nullopt);
}

TEST_F(NextHopsTest, ManyAtOnceAreRefused) {
  for (std::size_t i = 0; i < NextHops::kMost; ++i) ASSERT_TRUE(start(key_number(7)));
  EXPECT_FALSE(start(key_number(7)));
  advance(NextHops::kFindTime);
  EXPECT_EQ(ends.size(), NextHops::kMost);
  EXPECT_TRUE(start(key_number(7)));
}

TEST_F(NextHopsTest, TooFastOnesAreRefused) {
  std::size_t taken = 0;
  for (int i = 0; i < 1000; ++i) {
    taken += start(key_number(7)) ? 1 : 0;
    if (taken % NextHops::kMost == 0) hops.tick({now.steady + NextHops::kFindTime, 0});
  }
  EXPECT_EQ(taken, NextHops::kRate.burst);
}

}  // namespace
}  // namespace thicket::node
