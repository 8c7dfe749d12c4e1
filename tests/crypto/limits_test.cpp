#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "crypto/action_queue.hpp"
#include "crypto/session_sequence.hpp"
#include "crypto/token_bucket.hpp"

namespace thicket::crypto {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Time at(milliseconds steady, std::uint64_t unix_seconds) {
  return {Instant(steady), unix_seconds};
}

PublicKey key(std::uint64_t number) {
  PublicKey result;
  for (std::size_t i = 0; i < 8; ++i) {
    result.bytes[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
  }
  return result;
}

TEST(TokenBucket, AdmitsABurstAndThenTheRate) {
  TokenBucket bucket({10, 5});
  int admitted = 0;
  for (int i = 0; i < 100; ++i) admitted += bucket.take(Instant(seconds(7)));
  EXPECT_EQ(admitted, 5);
  for (int ms = 0; ms < 10000; ++ms) admitted += bucket.take(Instant(milliseconds(7001 + ms)));
  EXPECT_EQ(admitted, 5 + 100);
}

TEST(TokenBucket, SavesUpNoMoreThanTheBurst) {
  TokenBucket bucket({10, 5});
  EXPECT_TRUE(bucket.take(Instant(seconds(1))));
  int admitted = 0;
  for (int i = 0; i < 100; ++i) admitted += bucket.take(Instant(seconds(1000)));
  EXPECT_EQ(admitted, 5);
}

TEST(SessionSequence, IsTheClock) {
  SessionSequence sequence;
  EXPECT_EQ(sequence.next(at(milliseconds(0), 1000), key(1)), 1000U);
  EXPECT_EQ(sequence.next(at(milliseconds(5000), 1005), key(1)), 1005U);
  EXPECT_EQ(sequence.next(at(milliseconds(5000), 1005), key(2)), 1005U);
}

TEST(SessionSequence, RisesWithinASecondUpToItsLead) {
  SessionSequence sequence;
  for (std::uint64_t i = 0; i <= kMaxSequenceLead; ++i) {
    EXPECT_TRUE(sequence.is_ready(at(milliseconds(0), 1000), key(1)));
    EXPECT_EQ(sequence.next(at(milliseconds(0), 1000), key(1)), 1000 + i);
  }
  EXPECT_FALSE(sequence.is_ready(at(milliseconds(0), 1000), key(1)));
  EXPECT_EQ(sequence.next(at(milliseconds(0), 1000), key(1)), std::nullopt);
  EXPECT_EQ(sequence.next(at(milliseconds(0), 1000), key(2)), 1000U);
  EXPECT_EQ(sequence.next(at(milliseconds(1000), 1001), key(1)), 1001 + kMaxSequenceLead);
}

TEST(SessionSequence, GoesOnWhenTheWallClockGoesBack) {
  SessionSequence sequence;
  EXPECT_EQ(sequence.next(at(milliseconds(0), 1000), key(1)), 1000U);
  EXPECT_EQ(sequence.next(at(milliseconds(10000), 400), key(1)), 1010U);
  EXPECT_EQ(sequence.next(at(milliseconds(20000), 410), key(2)), 1020U);
  EXPECT_EQ(sequence.next(at(milliseconds(30000), 5000), key(1)), 5000U);
}

TEST(SessionSequence, RemembersNobodyTheClockHasPassed) {
  SessionSequence sequence;
  for (std::uint64_t i = 0; i < 100; ++i) sequence.next(at(milliseconds(0), 1000), key(i));
  EXPECT_EQ(sequence.size(), 100U);
  sequence.next(at(milliseconds(5000), 1005), key(1));
  EXPECT_EQ(sequence.size(), 1U);
}

TEST(SessionSequence, IsBoundedUnderAFlood) {
  SessionSequence sequence;
  for (std::uint64_t i = 0; i < 2 * kMaxRememberedSequences; ++i) {
    sequence.next(at(milliseconds(0), 1000), key(i));
  }
  EXPECT_EQ(sequence.size(), kMaxRememberedSequences);
}

RC_GTEST_PROP(SessionSequenceProperty, RisesStrictlyWhateverTheClockDoes, ()) {
  SessionSequence sequence;
  std::map<PublicKey, std::uint64_t> last;
  milliseconds steady{0};
  const auto steps = *rc::gen::inRange(1, 100);
  for (int i = 0; i < steps; ++i) {
    steady += milliseconds(*rc::gen::inRange(0, 3000));
    const auto wall = *rc::gen::inRange<std::uint64_t>(1000, 1100);
    const PublicKey to = key(*rc::gen::inRange<std::uint64_t>(0, 3));
    const auto number = sequence.next(at(steady, wall), to);
    if (!number) continue;
    RC_ASSERT(!last.contains(to) || *number > last[to]);
    RC_ASSERT(*number >= wall);
    last[to] = *number;
  }
}

RC_GTEST_PROP(ActionQueueProperty, IsFirstInFirstOut, (std::vector<bool> pushes)) {
  ActionQueue<std::unique_ptr<int>> queue;
  std::deque<int> model;
  int number = 0;
  for (const bool push : pushes) {
    if (push) {
      queue.push(std::make_unique<int>(++number));
      model.push_back(number);
      continue;
    }
    const auto popped = queue.pop();
    RC_ASSERT(popped.has_value() == !model.empty());
    if (model.empty()) continue;
    RC_ASSERT(**popped == model.front());
    model.pop_front();
  }
}

}  // namespace
}  // namespace thicket::crypto
