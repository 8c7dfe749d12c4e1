#include "crypto/session_manager.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "crypto/session_init.hpp"
#include "crypto/session_limits.hpp"

namespace thicket::crypto {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Bytes = std::vector<std::uint8_t>;

struct Node {
  explicit Node(std::uint64_t seed, const std::string& password = "")
      : random(seed),
        identity(KeyPair::generate(random)),
        manager(identity, sodium, random, {password}),
        codec(identity, sodium, random, password) {}
  const PublicKey& key() const { return identity.public_key(); }

  SodiumCryptography sodium;
  SeededRandom random;
  KeyPair identity;
  SessionManager manager;
  SessionInitCodec codec;
};

struct Sent {
  PublicKey to;
  Bytes bytes;
  int type() const { return bytes.at(0); }
};

class SessionManagerTest : public testing::Test {
 protected:
  Time now() const { return {now_, 1'800'000'000U + unix_}; }
  void pass(milliseconds duration) {
    now_ += duration;
    unix_ = static_cast<std::uint64_t>(
        std::chrono::duration_cast<seconds>(now_.time_since_epoch()).count());
  }

  // What a node wants to send; what it delivers goes to delivered_.
  std::vector<Sent> collect(Node& node) {
    std::vector<Sent> sent;
    while (auto action = node.manager.next_action()) {
      if (auto* transmitted = std::get_if<TransmitPayload>(&*action)) {
        const ByteView bytes = std::as_const(transmitted->payload).bytes();
        sent.push_back({transmitted->to, {bytes.begin(), bytes.end()}});
      } else {
        const auto& data = std::get<DeliverData>(*action);
        delivered_.emplace_back(data.data.bytes().begin(), data.data.bytes().end());
      }
    }
    return sent;
  }
  std::vector<Sent> send(Node& from, const Node& to, const Bytes& data) {
    from.manager.send(now(), to.key(), Packet::copy_of(data));
    return collect(from);
  }
  std::vector<Sent> receive(Node& node, const PublicKey& from, const Bytes& bytes) {
    node.manager.receive(now(), from, Packet::copy_of(bytes));
    return collect(node);
  }
  std::vector<Sent> receive(Node& node, const Node& from, const Bytes& bytes) {
    return receive(node, from.key(), bytes);
  }
  // Carries messages between two nodes until none is left.
  void settle(Node& a, Node& b, std::vector<Sent> from_a) {
    std::vector<Sent> from_b;
    for (int i = 0; i < 20 && !(from_a.empty() && from_b.empty()); ++i) {
      for (const Sent& sent : std::exchange(from_a, {})) append(from_b, receive(b, a, sent.bytes));
      for (const Sent& sent : std::exchange(from_b, {})) append(from_a, receive(a, b, sent.bytes));
    }
    EXPECT_TRUE(from_a.empty() && from_b.empty()) << "they never come to an end";
  }
  void connect(Node& a, Node& b) {
    settle(a, b, send(a, b, {1}));
    settle(b, a, send(b, a, {2}));
    ASSERT_EQ(delivered_, (std::vector<Bytes>{{1}, {2}}));
    delivered_.clear();
  }
  SessionInit opened(const Node& recipient, const Node& sender, const Bytes& message) {
    const auto init = recipient.codec.open(sender.key(), message);
    EXPECT_TRUE(init);
    return init.value_or(SessionInit{});
  }
  static void append(std::vector<Sent>& all, std::vector<Sent> more) {
    for (Sent& sent : more) all.push_back(std::move(sent));
  }

  Instant now_{seconds(1000)};
  std::uint64_t unix_ = 1000;
  std::vector<Bytes> delivered_;
  Node a_{1};
  Node b_{2};
};

TEST_F(SessionManagerTest, SetsUpInOneRoundTrip) {
  const auto init = send(a_, b_, {7, 7});
  ASSERT_EQ(init.size(), 1U);
  EXPECT_EQ(init[0].to, b_.key());
  EXPECT_EQ(init[0].type(), 1);
  EXPECT_EQ(opened(b_, a_, init[0].bytes).key_sequence, 0U);
  EXPECT_EQ(opened(b_, a_, init[0].bytes).sequence, now().unix_seconds);
  EXPECT_TRUE(a_.manager.sessions(now()).empty());

  const auto ack = receive(b_, a_, init[0].bytes);
  ASSERT_EQ(ack.size(), 1U);
  EXPECT_EQ(ack[0].type(), 2);
  EXPECT_EQ(opened(a_, b_, ack[0].bytes).key_sequence, 1U);

  const auto data = receive(a_, b_, ack[0].bytes);
  ASSERT_EQ(data.size(), 1U);
  EXPECT_EQ(data[0].type(), 3);
  EXPECT_TRUE(receive(b_, a_, data[0].bytes).empty());
  EXPECT_EQ(delivered_, (std::vector<Bytes>{{7, 7}}));
}

TEST_F(SessionManagerTest, SendsWhatWaitedInOrder) {
  std::vector<Sent> sent = send(a_, b_, {0});
  for (std::uint8_t i = 1; i < 12; ++i) EXPECT_TRUE(send(a_, b_, {i}).empty());
  settle(a_, b_, sent);
  std::vector<Bytes> newest;
  for (std::uint8_t i = 12 - kMaxWaitingPackets; i < 12; ++i) newest.push_back({i});
  EXPECT_EQ(delivered_, newest);
}

TEST_F(SessionManagerTest, RepeatsTheInitWithBackOffUntilTheDataIsStale) {
  std::uint64_t sequence = opened(b_, a_, send(a_, b_, {1})[0].bytes).sequence;
  std::vector<milliseconds> times;
  const Instant start = now_;
  while (const auto deadline = a_.manager.next_deadline()) {
    ASSERT_GT(*deadline, now_);
    pass(std::chrono::duration_cast<milliseconds>(*deadline - now_));
    a_.manager.tick(now());
    for (const Sent& sent : collect(a_)) {
      const SessionInit init = opened(b_, a_, sent.bytes);
      if (now_ - start < kSameNumber) {
        EXPECT_EQ(init.sequence, sequence);
      } else {
        EXPECT_GT(init.sequence, sequence);
      }
      sequence = init.sequence;
      times.push_back(std::chrono::duration_cast<milliseconds>(now_ - start));
    }
  }
  EXPECT_EQ(now_ - start, kPendingLifetime);
  const std::vector<milliseconds> expected{
      milliseconds(250),   milliseconds(750),   milliseconds(1750),  milliseconds(3750),
      milliseconds(7750),  milliseconds(15750), milliseconds(23750), milliseconds(31750),
      milliseconds(39750), milliseconds(47750), milliseconds(55750)};
  EXPECT_EQ(times, expected);
}

TEST_F(SessionManagerTest, NewDataDoesNotWaitForALongBackOff) {
  send(a_, b_, {1});
  for (int i = 0; i < 20; ++i) {
    pass(milliseconds(250));
    a_.manager.tick(now());
    collect(a_);
  }
  pass(milliseconds(500));
  a_.manager.tick(now());
  EXPECT_TRUE(collect(a_).empty());
  EXPECT_EQ(send(a_, b_, {2}).size(), 1U);
  pass(milliseconds(900));
  EXPECT_TRUE(send(a_, b_, {3}).empty());
}

TEST_F(SessionManagerTest, ARepeatedInitGetsTheSameAckAgain) {
  const auto init = send(a_, b_, {1});
  const auto first = receive(b_, a_, init[0].bytes);
  pass(milliseconds(300));
  const auto second = receive(b_, a_, init[0].bytes);
  ASSERT_EQ(second.size(), 1U);
  EXPECT_EQ(opened(a_, b_, first[0].bytes), opened(a_, b_, second[0].bytes));
  a_.manager.tick(now());
  EXPECT_EQ(collect(a_).size(), 1U);
  // A retry with a higher number: the keys stay the same, the ack is a new one.
  pass(seconds(1));
  a_.manager.tick(now());
  const auto retry = collect(a_);
  ASSERT_EQ(retry.size(), 1U);
  const auto third = receive(b_, a_, retry[0].bytes);
  ASSERT_EQ(third.size(), 1U);
  EXPECT_TRUE(opened(a_, b_, third[0].bytes).same_keys(opened(a_, b_, first[0].bytes)));
  EXPECT_GT(opened(a_, b_, third[0].bytes).sequence, opened(a_, b_, first[0].bytes).sequence);
  // Whichever acks arrive, and how often: data flows.
  settle(a_, b_, receive(a_, b_, third[0].bytes));
  for (const auto& late : {first, second, third}) {
    EXPECT_TRUE(receive(a_, b_, late[0].bytes).empty());
  }
  settle(b_, a_, send(b_, a_, {2}));
  settle(a_, b_, send(a_, b_, {3}));
  EXPECT_EQ(delivered_, (std::vector<Bytes>{{1}, {2}, {3}}));
}

TEST_F(SessionManagerTest, RepeatedAcksAreRateLimited) {
  const auto init = send(a_, b_, {1});
  std::size_t acks = 0;
  for (int i = 0; i < 1000; ++i) acks += receive(b_, a_, init[0].bytes).size();
  EXPECT_LE(acks, 1U + kInitsPerRemote.burst);
}

TEST_F(SessionManagerTest, SimultaneousInitsConverge) {
  const auto from_a = send(a_, b_, {1});
  const auto from_b = send(b_, a_, {2});
  std::vector<Sent> more = receive(a_, b_, from_b[0].bytes);
  settle(b_, a_, receive(b_, a_, from_a[0].bytes));
  settle(a_, b_, more);
  settle(a_, b_, send(a_, b_, {3}));
  settle(b_, a_, send(b_, a_, {4}));
  std::ranges::sort(delivered_, {}, [](const Bytes& data) { return data.at(0); });
  EXPECT_EQ(delivered_, (std::vector<Bytes>{{1}, {2}, {3}, {4}}));
}

TEST_F(SessionManagerTest, ARestartIsNoticedAtTheNextPacketWithinTheSameSecond) {
  connect(a_, b_);
  Node restarted(2);
  ASSERT_EQ(restarted.key(), b_.key());
  // Its sequence numbers start from the same clock again, below what was used in this second.
  for (int i = 0; i < 5; ++i) settle(a_, restarted, send(a_, b_, {9}));
  settle(a_, restarted, send(a_, b_, {5}));
  settle(restarted, a_, send(restarted, a_, {6}));
  ASSERT_GE(delivered_.size(), 2U);
  EXPECT_EQ(delivered_[delivered_.size() - 2], Bytes{5});
  EXPECT_EQ(delivered_.back(), Bytes{6});
}

TEST_F(SessionManagerTest, ARestartWithAnEarlierClockIsBelievedAfterASilence) {
  connect(a_, b_);
  Node restarted(2);
  const auto old_clock_answers = [&](const std::vector<Sent>& messages) {
    std::vector<Sent> answers;
    for (const Sent& sent : messages) {
      restarted.manager.receive({now_, 1'700'000'000}, a_.key(), Packet::copy_of(sent.bytes));
      append(answers, collect(restarted));
    }
    return answers;
  };
  Instant recovered{};
  for (int i = 0; i < 100 && recovered == Instant{}; ++i) {
    std::vector<Sent> to_restarted = send(a_, b_, {9});
    for (int hop = 0; hop < 6; ++hop) {
      std::vector<Sent> to_a = old_clock_answers(to_restarted);
      to_restarted.clear();
      for (const Sent& sent : to_a) append(to_restarted, receive(a_, restarted, sent.bytes));
    }
    if (!delivered_.empty()) recovered = now_;
    pass(milliseconds(100));
  }
  ASSERT_NE(recovered, Instant{}) << "never recovered";
  EXPECT_LE(recovered - Instant(seconds(1000)), kSilence + seconds(2));
}

TEST_F(SessionManagerTest, TrafficWithoutASessionIsAnsweredAndLeavesNothing) {
  for (const Bytes& message : {Bytes{3}, Bytes{3, 1, 1, 1}, Bytes(100, 3)}) {
    const auto answer = receive(a_, b_, message);
    ASSERT_EQ(answer.size(), 1U);
    const SessionInit init = opened(b_, a_, answer[0].bytes);
    EXPECT_FALSE(init.is_ack);
    EXPECT_EQ(init.key_sequence, 0U);
  }
  EXPECT_TRUE(a_.manager.sessions(now()).empty());
  EXPECT_EQ(a_.manager.next_deadline(), std::nullopt);
}

TEST_F(SessionManagerTest, TrafficDuringASetUpRepeatsItsInit) {
  const auto init = send(a_, b_, {1});
  EXPECT_TRUE(receive(a_, b_, {3}).empty()) << "it was only just sent";
  pass(milliseconds(250));
  const auto answer = receive(a_, b_, {3});
  ASSERT_EQ(answer.size(), 1U);
  EXPECT_TRUE(opened(b_, a_, answer[0].bytes).same_keys(opened(b_, a_, init[0].bytes)));
}

TEST_F(SessionManagerTest, OtherMessagesAreIgnored) {
  connect(a_, b_);
  EXPECT_TRUE(receive(a_, b_, {}).empty());
  for (int type = 0; type < 256; ++type) {
    if (type == 3) continue;
    EXPECT_TRUE(receive(a_, b_, {static_cast<std::uint8_t>(type)}).empty());
    Bytes garbage(193, 0x11);
    garbage[0] = static_cast<std::uint8_t>(type);
    EXPECT_TRUE(receive(a_, b_, garbage).empty());
  }
  EXPECT_TRUE(receive(a_, a_, {3}).empty());
  EXPECT_TRUE(send(a_, a_, {1}).empty());
  EXPECT_TRUE(delivered_.empty());
}

TEST_F(SessionManagerTest, NobodyHasSessionsWithKeysThatAreNone) {
  PublicKey nobody;
  nobody.bytes.fill(0xff);
  a_.manager.send(now(), nobody, Packet::copy_of(Bytes{1}));
  EXPECT_TRUE(collect(a_).empty());
  EXPECT_TRUE(receive(a_, nobody, {3}).empty());
  EXPECT_EQ(a_.manager.next_deadline(), std::nullopt);
}

TEST_F(SessionManagerTest, GroupsWithDifferentPasswordsStayApart) {
  Node inside(1, "group"), same(2, "group"), other(2, "other");
  const auto init = send(inside, same, {1});
  EXPECT_TRUE(receive(other, inside, init[0].bytes).empty());
  EXPECT_TRUE(receive(b_, inside, init[0].bytes).empty());
  settle(inside, same, init);
  EXPECT_EQ(delivered_.size(), 1U);
}

TEST_F(SessionManagerTest, SessionsEndWhenIdleAndOnlyThen) {
  connect(a_, b_);
  for (int i = 0; i < 5; ++i) {
    pass(seconds(50));
    settle(a_, b_, send(a_, b_, {1}));
  }
  EXPECT_EQ(delivered_.size(), 5U);
  const auto infos = b_.manager.sessions(now());
  ASSERT_EQ(infos.size(), 1U);
  EXPECT_EQ(infos[0].key, a_.key());
  EXPECT_EQ(infos[0].bytes_received, 6U);
  EXPECT_EQ(infos[0].bytes_sent, 1U);
  EXPECT_EQ(infos[0].uptime, seconds(250));
  EXPECT_EQ(b_.manager.next_deadline(), now_ + kSessionIdle);
  pass(seconds(60));
  b_.manager.tick(now());
  EXPECT_TRUE(b_.manager.sessions(now()).empty());
  EXPECT_EQ(b_.manager.next_deadline(), std::nullopt);
}

TEST_F(SessionManagerTest, GarbageInASessionIsAnsweredAtAModestRateAndDoesNoHarm) {
  connect(a_, b_);
  std::size_t answers = 0;
  for (int i = 0; i < 1000; ++i) {
    answers += receive(a_, b_, Bytes(100, 3)).size();
    pass(milliseconds(10));
  }
  EXPECT_GE(answers, 10U);
  EXPECT_LE(answers, 11 + kMaxSequenceLead);
  settle(a_, b_, send(a_, b_, {4}));
  settle(b_, a_, send(b_, a_, {5}));
  EXPECT_EQ(delivered_, (std::vector<Bytes>{{4}, {5}}));
}

TEST_F(SessionManagerTest, AFloodOfStrangersDoesNotStopTheOthers) {
  connect(a_, b_);
  Node friend_of_ours(3);
  const auto waiting = send(a_, friend_of_ours, {8});
  std::size_t answers = 0;
  SeededRandom random(9);
  std::vector<std::unique_ptr<Node>> strangers;
  for (std::uint64_t i = 0; i < 300; ++i) strangers.push_back(std::make_unique<Node>(100 + i));
  for (const auto& stranger : strangers) {
    // Good inits, bad ones, and traffic from nowhere.
    answers += receive(a_, *stranger, send(*stranger, a_, {1})[0].bytes).size();
    answers += receive(a_, *stranger, Bytes(193, 1)).size();
    PublicKey nobody;
    random.fill(nobody.bytes);
    answers += receive(a_, nobody, {3}).size();
  }
  EXPECT_LE(answers, kStrangerInits.burst + kStrangerAnswers.burst);
  EXPECT_LE(a_.manager.sessions(now()).size(), 1 + kStrangerInits.burst);
  EXPECT_GT(a_.manager.sessions(now()).size(), 50U);

  settle(a_, friend_of_ours, waiting);
  settle(a_, b_, send(a_, b_, {4}));
  EXPECT_EQ(delivered_, (std::vector<Bytes>{{8}, {4}}));
  Node restarted(2);
  for (int i = 0; i < 5; ++i) settle(a_, restarted, send(a_, b_, {9}));
  EXPECT_EQ(delivered_.back(), Bytes{9}) << "a known remote that restarted gets through, too";
}

TEST_F(SessionManagerTest, SetUpsInProgressAreBounded) {
  SeededRandom random(9);
  for (std::size_t i = 0; i < kMaxPending + 50; ++i) {
    const KeyPair remote = KeyPair::generate(random);
    a_.manager.send(now(), remote.public_key(), Packet::copy_of(Bytes{1}));
  }
  EXPECT_EQ(collect(a_).size(), kMaxPending + 50);
  pass(milliseconds(250));
  a_.manager.tick(now());
  EXPECT_EQ(collect(a_).size(), kMaxPending);
}

}  // namespace
}  // namespace thicket::crypto
