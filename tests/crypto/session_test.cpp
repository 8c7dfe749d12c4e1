#include "crypto/session.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "crypto/session_limits.hpp"

namespace thicket::crypto {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Bytes = std::vector<std::uint8_t>;

const Bytes kData{1, 2, 3, 4, 5};

// Two ends in step: `a` has taken the keys of `b` and the other way round.
class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    EXPECT_TRUE(b_.accept(now_, numbered(a_.announcement(false), 1)));
    EXPECT_TRUE(a_.accept(now_, numbered(b_.announcement(true), 1)));
  }
  static SessionInit numbered(SessionInit init, std::uint64_t sequence) {
    init.sequence = sequence;
    return init;
  }
  Packet sealed(Session& by) {
    Packet packet = Packet::copy_of(kData);
    by.seal(now_, packet);
    return packet;
  }
  Reception open(Session& by, const Packet& message) {
    Packet packet = message.clone();
    const Reception reception = by.open(now_, packet);
    if (reception == Reception::opened) {
      EXPECT_TRUE(std::ranges::equal(packet.bytes(), kData));
    }
    return reception;
  }
  void exchange() {
    EXPECT_EQ(open(b_, sealed(a_)), Reception::opened);
    EXPECT_EQ(open(a_, sealed(b_)), Reception::opened);
  }

  SodiumCryptography cryptography_;
  SeededRandom random_{1};
  Instant now_{seconds(1000)};
  Session a_{cryptography_, random_, now_};
  Session b_{cryptography_, random_, now_};
};

TEST_F(SessionTest, CarriesDataBothWaysInPlace) {
  EXPECT_FALSE(b_.is_proven());
  Packet packet = Packet::copy_of(kData);
  const std::uint8_t* const before = packet.data();
  a_.seal(now_, packet);
  EXPECT_LE(packet.size(), kData.size() + Session::kMaxOverhead);
  EXPECT_EQ(packet.data() + packet.size(), before + kData.size());
  ASSERT_EQ(b_.open(now_, packet), Reception::opened);
  EXPECT_EQ(packet.data(), before);
  EXPECT_TRUE(std::ranges::equal(packet.bytes(), kData));
  EXPECT_TRUE(b_.is_proven());
  for (int i = 0; i < 200; ++i) exchange();
  EXPECT_EQ(a_.bytes_sent(), 201 * kData.size());
  EXPECT_EQ(a_.bytes_received(), 200 * kData.size());
}

TEST_F(SessionTest, DropsReplaysAndWhatWasOvertaken) {
  exchange();
  const Packet first = sealed(a_);
  const Packet second = sealed(a_);
  EXPECT_EQ(open(b_, second), Reception::opened);
  EXPECT_EQ(open(b_, second), Reception::ignored);
  EXPECT_EQ(open(b_, first), Reception::ignored);
}

TEST_F(SessionTest, RatchetsOnceAMinute) {
  exchange();
  exchange();
  const std::uint64_t before = b_.local_key_sequence();
  for (int i = 0; i < 60; ++i) {
    now_ += seconds(1);
    exchange();
  }
  EXPECT_EQ(b_.local_key_sequence(), before);
  for (int i = 0; i < 30; ++i) {
    now_ += seconds(1);
    exchange();
  }
  EXPECT_EQ(b_.local_key_sequence(), before + 1);
}

TEST_F(SessionTest, OldMessagesDoNotOpenAfterRatchets) {
  std::vector<Packet> old;
  for (int minute = 0; minute < 5; ++minute) {
    for (int i = 0; i < 3; ++i) {
      old.push_back(sealed(a_));
      EXPECT_EQ(open(b_, old.back()), Reception::opened);
      EXPECT_EQ(open(a_, sealed(b_)), Reception::opened);
    }
    now_ += seconds(61);
    for (const Packet& message : old) EXPECT_NE(open(b_, message), Reception::opened);
  }
}

TEST_F(SessionTest, AnnouncingTheSameKeysAgainReopensNothing) {
  // `b` moves on twice within a minute, so that its newest key is received as next×send without a
  // ratchet; then an older announcement of `b` arrives, which resets the nonces.
  exchange();
  exchange();
  const SessionInit older = numbered(b_.announcement(false), 10);
  ASSERT_TRUE(b_.accept(now_, numbered(a_.announcement(false), 10)));
  const Packet message = sealed(b_);
  ASSERT_EQ(open(a_, message), Reception::opened);
  ASSERT_TRUE(a_.accept(now_, older));
  EXPECT_NE(open(a_, message), Reception::opened);
}

TEST_F(SessionTest, OurOwnMessagesDoNotOpenWhenReflected) {
  std::vector<Packet> own;
  for (std::uint64_t i = 2; i < 6; ++i) {
    own.push_back(sealed(a_));
    ASSERT_TRUE(a_.accept(now_, numbered(b_.announcement(false), i)));
    for (const Packet& message : own) EXPECT_NE(open(a_, message), Reception::opened);
  }
}

TEST_F(SessionTest, RenumberedMessagesDoNotOpenAgain) {
  // The numbers of the keys are not authenticated. Here `b` counts on oddly, so that one key has
  // other numbers after a change than before it.
  exchange();
  ASSERT_TRUE(b_.accept(now_, numbered(a_.announcement(false), 10)));
  const Packet message = sealed(b_);
  Packet renumbered = message.clone();
  renumbered.bytes()[1] = static_cast<std::uint8_t>(a_.remote_key_sequence() + 7);
  SessionInit odd = numbered(b_.announcement(false), 10);
  ASSERT_EQ(odd.key_sequence, a_.remote_key_sequence() + 1);
  odd.key_sequence += 6;
  ASSERT_TRUE(a_.accept(now_, odd));
  const bool first = open(a_, message) == Reception::opened;
  const bool second = open(a_, renumbered) == Reception::opened;
  EXPECT_EQ(first + second, 1);
  EXPECT_NE(open(a_, message), Reception::opened);
  EXPECT_NE(open(a_, renumbered), Reception::opened);
}

TEST_F(SessionTest, OtherKeysAreAskedFor) {
  Session stranger(cryptography_, random_, now_);
  ASSERT_TRUE(stranger.accept(now_, numbered(b_.announcement(false), 1)));
  now_ += seconds(2);
  EXPECT_EQ(open(b_, sealed(stranger)), Reception::unreadable);
  Packet changed = sealed(a_);
  changed.bytes().back() ^= 1;
  EXPECT_EQ(open(b_, changed), Reception::unreadable);
  Packet cut = sealed(a_);
  cut.pop_back(kData.size() + 1);
  EXPECT_EQ(open(b_, cut), Reception::unreadable);
}

TEST_F(SessionTest, AnUnreadableHeaderIsIgnored) {
  const Bytes whole{3, 1, 1, 1};
  for (std::size_t size = 1; size < whole.size(); ++size) {
    EXPECT_EQ(open(b_, Packet::copy_of(ByteView(whole).first(size))), Reception::ignored);
  }
  EXPECT_EQ(open(b_, Packet::copy_of(Bytes(30, 0xff))), Reception::ignored);
  EXPECT_EQ(open(b_, Packet()), Reception::ignored);
}

TEST_F(SessionTest, WhatWasOnItsWayWhenKeysChangedStillOpensOnce) {
  exchange();
  exchange();
  const Packet older = sealed(a_);
  ASSERT_TRUE(a_.accept(now_, numbered(b_.announcement(false), 5)));
  ASSERT_TRUE(b_.accept(now_, numbered(a_.announcement(true), 5)));
  const Packet late = sealed(a_);
  const Packet too_late = sealed(a_);
  const Packet last = sealed(a_);
  ASSERT_TRUE(a_.accept(now_, numbered(b_.announcement(false), 6)));
  ASSERT_TRUE(b_.accept(now_, numbered(a_.announcement(true), 6)));
  now_ += kLateTraffic - Duration(1);
  EXPECT_EQ(open(b_, late), Reception::opened);
  EXPECT_EQ(open(b_, late), Reception::ignored);
  EXPECT_EQ(open(b_, older), Reception::ignored) << "two changes ago, but no reason for a set-up";
  now_ += seconds(10);
  EXPECT_EQ(open(b_, too_late), Reception::opened) << "the remote uses no other key yet";
  EXPECT_EQ(open(b_, sealed(a_)), Reception::opened);
  now_ += kLateTraffic;
  EXPECT_EQ(open(b_, last), Reception::unreadable);
  EXPECT_EQ(open(b_, older), Reception::unreadable);
}

TEST_F(SessionTest, KeepsUpWithARemoteThatMovedOnTwice) {
  // Both start at once: from then on each seals before it has seen the pair that the other sends
  // with, and each minute both change keys, though not at the same moment.
  Session a(cryptography_, random_, now_), b(cryptography_, random_, now_);
  const SessionInit from_a = numbered(a.announcement(false), 1);
  const SessionInit from_b = numbered(b.announcement(false), 1);
  ASSERT_TRUE(a.accept(now_, from_b));
  ASSERT_TRUE(b.accept(now_, from_a));
  ASSERT_EQ(open(b, sealed(a)), Reception::opened);
  now_ += seconds(30);
  for (int i = 0; i < 300; ++i) {
    const Packet to_b = sealed(a);
    const Packet to_a = sealed(b);
    ASSERT_EQ(open(b, to_b), Reception::opened) << i;
    ASSERT_EQ(open(a, to_a), Reception::opened) << i;
    now_ += seconds(1);
  }
  EXPECT_GE(a.local_key_sequence(), 5U);
}

TEST_F(SessionTest, IsSilentOnceWhatWeSentStaysUnanswered) {
  exchange();
  EXPECT_FALSE(a_.is_silent(now_ + seconds(100))) << "nothing was sent since";
  sealed(a_);
  now_ += seconds(1);
  sealed(a_);
  EXPECT_FALSE(a_.is_silent(now_ + kSilence - seconds(1) - Duration(1)));
  EXPECT_TRUE(a_.is_silent(now_ + kSilence - seconds(1)));
  EXPECT_EQ(open(a_, sealed(b_)), Reception::opened);
  EXPECT_FALSE(a_.is_silent(now_ + kSilence));
}

TEST_F(SessionTest, DegenerateKeysAreRefusedAndChangeNothing) {
  const std::uint64_t before = a_.local_key_sequence();
  EXPECT_FALSE(a_.accept(now_, {}));
  EXPECT_EQ(a_.local_key_sequence(), before);
  exchange();
}

TEST_F(SessionTest, RecognisesTheKeysItHolds) {
  EXPECT_TRUE(a_.holds_keys_of(numbered(b_.announcement(false), 77)));
  EXPECT_TRUE(a_.holds_keys_of(numbered(b_.announcement(true), 78)));
  SessionInit other = b_.announcement(false);
  ++other.key_sequence;
  EXPECT_FALSE(a_.holds_keys_of(other));
}

}  // namespace
}  // namespace thicket::crypto
