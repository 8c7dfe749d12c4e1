#include "crypto/session_table.hpp"

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

// Boxes without mathematics: a table of thousands of sessions in no time.
class FreeCryptography final : public Cryptography {
 public:
  Signature sign(const KeyPair&, ByteView) const override { return {}; }
  bool verify(const PublicKey&, ByteView, const Signature&) const override { return true; }
  void generate_box_keys(Random&, BoxPublicKey&, BoxSecretKey&) const override {}
  bool share(const BoxPublicKey&, const BoxSecretKey&, BoxSharedKey&) const override {
    return true;
  }
  void seal(const BoxSharedKey&, std::uint64_t, ByteSpan) const override {}
  bool open(const BoxSharedKey&, std::uint64_t, ByteSpan) const override { return true; }
};

class SessionTableTest : public testing::Test {
 protected:
  SessionEntry& add(std::uint64_t number) {
    Session session(cryptography_, random_, now_);
    EXPECT_TRUE(session.accept(now_, {}));
    return table_.insert(key(number), std::move(session));
  }
  // Traffic in both directions between two ends that are in step.
  void prove(SessionEntry& entry) {
    Session other(cryptography_, random_, now_);
    ASSERT_TRUE(other.accept(now_, entry.session.announcement(false)));
    Packet packet(0);
    other.seal(now_, packet);
    ASSERT_EQ(entry.session.open(now_, packet), Reception::opened);
    table_.touch(entry);
  }
  void use(std::uint64_t number) {
    SessionEntry* const entry = table_.find(key(number));
    ASSERT_NE(entry, nullptr);
    Packet packet(0);
    entry->session.seal(now_, packet);
    table_.touch(*entry);
  }

  FreeCryptography cryptography_;
  SeededRandom random_{1};
  Instant now_{seconds(1000)};
  SessionTable table_;
};

TEST_F(SessionTableTest, FindsWhatWasInserted) {
  EXPECT_EQ(table_.find(key(1)), nullptr);
  SessionEntry& one = add(1);
  SessionEntry& two = add(2);
  EXPECT_EQ(table_.find(key(1)), &one);
  EXPECT_EQ(table_.find(key(2)), &two);
  EXPECT_EQ(table_.find(key(2)), &two);
  EXPECT_EQ(table_.find(key(3)), nullptr);
  ASSERT_EQ(table_.entries().size(), 2U);
  EXPECT_EQ(table_.entries()[0]->remote, key(1));
}

TEST_F(SessionTableTest, InsertingReplaces) {
  prove(add(1));
  EXPECT_FALSE(add(1).session.is_proven());
  EXPECT_EQ(table_.size(), 1U);
  table_.expire(now_ + kSessionIdle);
  EXPECT_EQ(table_.size(), 0U);
}

TEST_F(SessionTableTest, EndsIdleSessionsOnly) {
  EXPECT_EQ(table_.next_expiry(), std::nullopt);
  prove(add(1));
  now_ += seconds(10);
  add(2);
  add(3);
  now_ += seconds(10);
  use(1);
  use(2);
  EXPECT_EQ(table_.next_expiry(), now_ - seconds(10) + kSessionIdle);
  table_.expire(now_ - seconds(10) + kSessionIdle - Duration(1));
  EXPECT_EQ(table_.size(), 3U);
  table_.expire(now_ - seconds(10) + kSessionIdle);
  EXPECT_EQ(table_.find(key(3)), nullptr);
  EXPECT_EQ(table_.size(), 2U);
  table_.expire(now_ + kSessionIdle);
  EXPECT_EQ(table_.size(), 0U);
  EXPECT_EQ(table_.next_expiry(), std::nullopt);
}

TEST_F(SessionTableTest, UnprovenSessionsMakeRoomFirst) {
  prove(add(0));
  for (std::uint64_t i = 1; i <= 3 * kMaxUnprovenSessions; ++i) {
    add(i);
    use(1);  // stays in use, and so stays
  }
  EXPECT_EQ(table_.size(), 1 + kMaxUnprovenSessions);
  EXPECT_NE(table_.find(key(0)), nullptr);
  EXPECT_NE(table_.find(key(1)), nullptr);
  EXPECT_EQ(table_.find(key(2)), nullptr);
  EXPECT_NE(table_.find(key(3 * kMaxUnprovenSessions)), nullptr);
}

TEST_F(SessionTableTest, ThenTheLeastRecentlyUsedGoes) {
  for (std::uint64_t i = 0; i < kMaxSessions; ++i) {
    prove(add(i));
    now_ += Duration(1);
  }
  EXPECT_EQ(table_.size(), kMaxSessions);
  use(0);
  prove(add(kMaxSessions));
  EXPECT_EQ(table_.size(), kMaxSessions);
  EXPECT_NE(table_.find(key(0)), nullptr);
  EXPECT_EQ(table_.find(key(1)), nullptr);
  // An unproven one has no chance against proven ones.
  add(kMaxSessions + 1);
  EXPECT_EQ(table_.find(key(2)), nullptr);
  add(kMaxSessions + 2);
  EXPECT_EQ(table_.find(key(kMaxSessions + 1)), nullptr);
  EXPECT_NE(table_.find(key(3)), nullptr);
}

}  // namespace
}  // namespace thicket::crypto
