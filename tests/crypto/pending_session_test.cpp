#include "crypto/pending_session.hpp"

#include <gtest/gtest.h>

namespace thicket::crypto {
namespace {

using std::chrono::seconds;

PublicKey key(std::uint64_t number) {
  PublicKey result;
  for (std::size_t i = 0; i < 8; ++i) {
    result.bytes[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
  }
  return result;
}

class PendingSessionsTest : public testing::Test {
 protected:
  PendingSession& start(std::uint64_t number, std::size_t size) {
    PendingSession& pending = pending_.start({key(number), {}, {}, {}});
    pending_.keep(now_, pending, Packet(size));
    pending_.retry_at(pending, now_ + kFirstRetry);
    return pending;
  }

  Instant now_{seconds(1000)};
  PendingSessions pending_;
};

TEST_F(PendingSessionsTest, KeepsTheNewestDataWithinItsLimits) {
  PendingSession& pending = start(1, 1);
  for (std::size_t size = 2; size <= 20; ++size) pending_.keep(now_, pending, Packet(size));
  ASSERT_EQ(pending.waiting.size(), kMaxWaitingPackets);
  EXPECT_EQ(pending.waiting.front().size(), 20 - kMaxWaitingPackets + 1);
  EXPECT_EQ(pending.waiting.back().size(), 20U);

  pending_.keep(now_, pending, Packet(kMaxWaitingBytes - 20));
  EXPECT_EQ(pending.waiting.size(), 2U);
  EXPECT_EQ(pending.waiting_bytes, kMaxWaitingBytes);
  pending_.keep(now_, pending, Packet(kMaxWaitingBytes + 1));
  EXPECT_EQ(pending.waiting.size(), 1U) << "the newest is kept, whatever its size";
  EXPECT_EQ(pending_.waiting_bytes(), kMaxWaitingBytes + 1);
  EXPECT_EQ(pending_.take(key(1)).waiting.size(), 1U);
  EXPECT_EQ(pending_.waiting_bytes(), 0U);
}

TEST_F(PendingSessionsTest, IsDueForARetryOrItsEnd) {
  EXPECT_EQ(pending_.next_due(), std::nullopt);
  PendingSession& one = start(1, 10);
  start(2, 10);
  EXPECT_EQ(pending_.due(now_), nullptr);
  EXPECT_EQ(pending_.due(now_ + kFirstRetry), &one);
  pending_.retry_at(one, now_ + seconds(100));
  EXPECT_EQ(pending_.due(now_ + kFirstRetry), pending_.find(key(2)));
  pending_.take(key(2));
  EXPECT_EQ(pending_.next_due(), now_ + kPendingLifetime);
  now_ += seconds(20);
  pending_.keep(now_, one, Packet(1));
  EXPECT_EQ(pending_.next_due(), now_ + kPendingLifetime);
}

TEST_F(PendingSessionsTest, TheOneWithTheOldestDataMakesRoom) {
  for (std::uint64_t i = 0; i < kMaxPending; ++i) {
    start(i, 10);
    now_ += Duration(1);
  }
  pending_.keep(now_, *pending_.find(key(0)), Packet(1));
  start(kMaxPending, 10);
  EXPECT_EQ(pending_.size(), kMaxPending);
  EXPECT_EQ(pending_.find(key(1)), nullptr);
  EXPECT_NE(pending_.find(key(0)), nullptr);
  EXPECT_NE(pending_.find(key(2)), nullptr);
}

TEST_F(PendingSessionsTest, AllWaitingDataIsBounded) {
  const std::size_t fitting = kMaxWaitingBytesInAll / kMaxWaitingBytes;
  for (std::uint64_t i = 0; i < 3 * fitting; ++i) {
    start(i, kMaxWaitingBytes);
    EXPECT_LE(pending_.waiting_bytes(), kMaxWaitingBytesInAll);
    now_ += Duration(1);
  }
  EXPECT_EQ(pending_.size(), fitting);
  EXPECT_NE(pending_.find(key(3 * fitting - 1)), nullptr);
  EXPECT_EQ(pending_.find(key(0)), nullptr);
}

}  // namespace
}  // namespace thicket::crypto
