#include "node/remote_queries.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "node/bounded_json.hpp"

namespace thicket::node {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

PublicKey key_number(std::uint16_t number) {
  PublicKey key;
  key.bytes[0] = static_cast<std::uint8_t>(number >> 8);
  key.bytes[1] = static_cast<std::uint8_t>(number);
  return key;
}

class RemoteQueriesTest : public ::testing::Test {
 protected:
  /// What is sent, without its kind byte.
  std::optional<Bytes> next() {
    auto message = queries.next_message();
    if (!message) return std::nullopt;
    last_to = message->to;
    const ByteView data = std::as_const(message->data).bytes();
    EXPECT_EQ(data[0], 2);
    return Bytes(data.begin() + 1, data.end());
  }
  void receive(const PublicKey& from, const Bytes& message) { queries.receive(now, from, message); }
  void advance(Duration by) {
    now.steady += by;
    queries.tick(now);
  }

  SeededRandom random{1};
  KeyPair identity = KeyPair::generate(random);
  SodiumCryptography cryptography;
  Time now{Instant(std::chrono::hours(1)), 1800000000};
  routing::Router router{identity, cryptography, random, {}, now};
  RemoteQueries queries{router, R"({"name":"golden"})"};
  const PublicKey other = key_number(1);
  PublicKey last_to;
};

TEST_F(RemoteQueriesTest, AnswersNodeInfo) {
  receive(other, {1});
  Bytes expected = bytes_of(R"({"name":"golden"})");
  expected.insert(expected.begin(), 2);
  EXPECT_EQ(next(), expected);
  EXPECT_EQ(last_to, other);
  EXPECT_EQ(next(), std::nullopt);
}

TEST_F(RemoteQueriesTest, AnswersGetSelfWithStrings) {
  receive(other, {255, 1});
  const auto answer = next();
  ASSERT_TRUE(answer);
  ASSERT_GT(answer->size(), 2U);
  EXPECT_EQ((*answer)[0], 255);
  EXPECT_EQ((*answer)[1], 2);
  const auto self = parse_object(std::string(answer->begin() + 2, answer->end()));
  ASSERT_TRUE(self);
  EXPECT_EQ((*self)["key"], identity.public_key().to_hex());
  EXPECT_EQ((*self)["routing_entries"], std::to_string(router.tree().size()));
}

TEST_F(RemoteQueriesTest, AnswersPeersAndTreeWithKeys) {
  receive(other, {255, 3});
  EXPECT_EQ(next(), (Bytes{255, 4}));  // no peers
  receive(other, {255, 5});
  const auto tree = next();
  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->size(), 2 + 32 * router.tree().size());
  EXPECT_EQ((*tree)[1], 6);
}

TEST_F(RemoteQueriesTest, IgnoresTheRest) {
  for (const Bytes& message :
       {Bytes{}, Bytes{0}, Bytes{3}, Bytes{255}, Bytes{255, 0}, Bytes{255, 7}, Bytes{2}}) {
    receive(other, message);
    EXPECT_EQ(next(), std::nullopt);
  }
}

TEST_F(RemoteQueriesTest, OneAskerGetsOnlySoManyAnswers) {
  const auto answers = [&](const PublicKey& from, int requests) {
    std::size_t count = 0;
    for (int i = 0; i < requests; ++i) {
      receive(from, {1});
      count += next() ? 1 : 0;
    }
    return count;
  };
  EXPECT_EQ(answers(other, 100), RemoteQueries::kAnswerBurst);
  EXPECT_EQ(answers(key_number(2), 4), 4U) << "others are not affected";
  advance(std::chrono::seconds(1));
  EXPECT_EQ(answers(other, 100), RemoteQueries::kAnswersPerSecond);
}

TEST_F(RemoteQueriesTest, ManyAskersTogetherGetOnlySoManyAnswers) {
  std::size_t count = 0;
  for (std::uint16_t asker = 0; asker < 2000; ++asker) {
    receive(key_number(asker), {1});
    count += next() ? 1 : 0;
  }
  EXPECT_EQ(count, RemoteQueries::kTotalAnswersPerSecond);
}

TEST_F(RemoteQueriesTest, AsksEachSecondUntilAnswered) {
  std::optional<RemoteQueries::Answer> answer;
  queries.ask(now, other, Question::peers, [&](auto got) { answer = got; });
  EXPECT_EQ(next(), (Bytes{255, 3}));
  EXPECT_EQ(last_to, other);
  EXPECT_EQ(queries.next_deadline(), now.steady + std::chrono::seconds(1));
  advance(std::chrono::milliseconds(999));
  EXPECT_EQ(next(), std::nullopt);
  advance(std::chrono::milliseconds(1));
  EXPECT_EQ(next(), (Bytes{255, 3}));

  receive(key_number(9), {255, 4, 7});
  receive(other, {255, 6, 7});
  EXPECT_FALSE(answer) << "another node's answer, or to another question";
  receive(other, {255, 4, 7, 8});
  ASSERT_TRUE(answer);
  EXPECT_EQ(*answer, (Bytes{7, 8}));
  EXPECT_EQ(queries.next_deadline(), std::nullopt);
}

TEST_F(RemoteQueriesTest, GivesUpAfterSixSeconds) {
  std::optional<RemoteQueries::Answer> answer;
  queries.ask(now, other, Question::node_info, [&](auto got) { answer = got; });
  for (int i = 0; i < 59; ++i) advance(std::chrono::milliseconds(100));
  EXPECT_FALSE(answer);
  advance(std::chrono::milliseconds(100));
  ASSERT_TRUE(answer);
  ASSERT_FALSE(*answer);
  EXPECT_EQ(describe(answer->error()), "timeout");
  std::size_t sent = 0;
  while (next()) ++sent;
  EXPECT_EQ(sent, 6U);
}

TEST_F(RemoteQueriesTest, OneAnswerServesAllWhoWait) {
  int answers = 0;
  queries.ask(now, other, Question::self, [&](auto) { ++answers; });
  queries.ask(now, other, Question::self, [&](auto) { ++answers; });
  receive(other, {255, 2, '{', '}'});
  receive(other, {255, 2, '{', '}'});
  EXPECT_EQ(answers, 2);
}

TEST_F(RemoteQueriesTest, WhatIsAskedOnceGetsAnAnswerOfItsOwn) {
  std::vector<int> order;
  const RemoteQueries::Asking once{.timeout = std::chrono::milliseconds(2500), .repeat = false};
  queries.ask(now, other, Question::self, once,
              [&](auto answer) { order.push_back(answer ? 1 : -1); });
  queries.ask(now, other, Question::self, once,
              [&](auto answer) { order.push_back(answer ? 2 : -2); });
  queries.ask(now, other, Question::self, [&](auto) { order.push_back(3); });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(next(), (Bytes{255, 1}));
  receive(other, {255, 2});
  EXPECT_EQ(order, (std::vector<int>{1, 3})) << "the repeated one, and the first of the others";
  advance(std::chrono::milliseconds(2499));
  EXPECT_EQ(next(), std::nullopt) << "not repeated";
  EXPECT_EQ(order.size(), 2U);
  advance(std::chrono::milliseconds(1));
  EXPECT_EQ(order, (std::vector<int>{1, 3, -2}));
  EXPECT_EQ(queries.now().steady, now.steady);
  EXPECT_EQ(queries.next_deadline(), std::nullopt);
}

TEST_F(RemoteQueriesTest, TooManyAtOnceAreRefused) {
  std::size_t refused = 0;
  for (std::size_t i = 0; i < RemoteQueries::kMaxPending + 3; ++i) {
    queries.ask(now, other, Question::self, [&](auto answer) { refused += answer ? 0 : 1; });
  }
  EXPECT_EQ(refused, 3U);
}

TEST_F(RemoteQueriesTest, AHandlerMayAskAgain) {
  int answers = 0;
  queries.ask(now, other, Question::self, [&](auto) {
    ++answers;
    queries.ask(now, other, Question::self, [&](auto) { ++answers; });
  });
  receive(other, {255, 2});
  EXPECT_EQ(answers, 1);
  receive(other, {255, 2});
  EXPECT_EQ(answers, 2);
}

TEST(MakeNodeInfo, NamesTheBuildUnlessPrivate) {
  const auto info = parse_object(make_node_info(R"({"name": "x"})", false).value());
  ASSERT_TRUE(info);
  for (const char* key : {"name", "buildname", "buildversion", "buildplatform", "buildarch"}) {
    EXPECT_TRUE(info->contains(key)) << key;
  }
  EXPECT_EQ(make_node_info(R"({"name": "x"})", true), R"({"name":"x"})");
}

TEST(MakeNodeInfo, RefusesWhatCannotBeHandedOut) {
  EXPECT_FALSE(make_node_info("[]", true));
  EXPECT_FALSE(make_node_info(fmt::format("{{\"a\":\"{:x<16384}\"}}", ""), true));
}

}  // namespace
}  // namespace thicket::node
