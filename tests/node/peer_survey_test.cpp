#include "node/public_peers/peer_survey.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <asio/io_context.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "node/commands/suggest_view.hpp"
#include "transport/links.hpp"

namespace thicket::node {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

SurveyedPeer peer(const std::string& host, int handshake, std::uint8_t key,
                  std::size_t failed = 0) {
  SurveyedPeer made;
  made.listed = {"tls://" + host + ":1", "tls://" + host + ":1", host, "germany"};
  if (handshake > 0) {
    made.handshakes = {milliseconds(handshake), milliseconds(handshake), milliseconds(handshake)};
  }
  made.failed = failed;
  made.key.bytes.fill(key);
  made.network = "net " + host;
  return made;
}

std::vector<std::string> hosts(const std::vector<const SurveyedPeer*>& peers) {
  std::vector<std::string> out;
  for (const SurveyedPeer* one : peers) out.push_back(one->listed.host);
  return out;
}

TEST(PeerSurveyTest, RanksByHandshakeAndFailures) {
  const std::vector<SurveyedPeer> peers{peer("slow.a", 80, 1), peer("dead.b", 0, 2, 4),
                                        peer("lossy.c", 10, 3, 1), peer("fast.d", 20, 4)};
  EXPECT_THAT(hosts(ranked(peers)), ElementsAre("fast.d", "slow.a", "lossy.c"));
}

TEST(PeerSurveyTest, SuggestsNoTwoThatFailTogether) {
  std::vector<SurveyedPeer> peers{peer("a.one.example", 10, 1), peer("b.one.example", 11, 2),
                                  peer("a.two.example", 12, 1), peer("a.three.example", 13, 4),
                                  peer("a.four.example", 50, 5)};
  peers[3].network = peers[0].network;
  EXPECT_THAT(hosts(suggested(peers, 2)), ElementsAre("a.one.example", "a.four.example"));
  // Then those that are alike; one node is never suggested twice.
  EXPECT_THAT(hosts(suggested(peers, 9)),
              ElementsAre("a.one.example", "a.four.example", "b.one.example", "a.three.example"));
}

TEST(PeerSurveyTest, ShowsWhatToPaste) {
  std::vector<SurveyedPeer> peers{peer("a.example", 10, 1), peer("dead.b", 0, 2, 2)};
  peers[0].listed.uri += "?key=\x1b[31m";
  const std::string text = suggest_view(peers, 3, {});
  EXPECT_THAT(text, HasSubstr("1 of 2 peers answered"));
  EXPECT_THAT(text, HasSubstr("  Peers: [\n    \"tls://a.example:1?key="));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("dead.b")));
  const nlohmann::json json = suggest_json(peers, 3);
  EXPECT_EQ(json.at("suggested").size(), 1U);
  EXPECT_EQ(json.at("peers").at(0).at("handshake"), 0.01);
  EXPECT_EQ(json.at("peers").at(1).at("failed"), 2);
  EXPECT_THAT(suggest_view({peer("dead.b", 0, 2, 2)}, 3, {}), HasSubstr("None of 1 peer answered"));
}

/// Somebody to link to, on loopback.
struct Silent final : transport::LinkObserver {
  void link_up(const transport::LinkInfo&) override { ++links; }
  void link_down(const transport::LinkInfo&, std::string_view) override {}
  void link_heard(routing::LinkId) override {}
  void frame_received(routing::LinkId, Packet) override {}
  void batch_received(routing::LinkId) override {}
  std::optional<Packet> next_frame(routing::LinkId) override { return std::nullopt; }
  void link_failed(std::string_view, transport::LinkOrigin, std::string_view) override {}
  std::size_t links = 0;
};

TEST(PeerSurveyTest, TriesEverybodyAndTheGoodOnesAgain) {
  asio::io_context io;
  SeededRandom random(5);
  const KeyPair key = KeyPair::generate(random);
  Silent observer;
  transport::Links links(io, key, random, {}, observer);
  const auto open = links.listen("tls://127.0.0.1:0");
  const auto locked = links.listen("tcp://127.0.0.1:0?password=secret");
  ASSERT_TRUE(open && locked);
  const std::string good = "tls://127.0.0.1:" + std::to_string(*open);
  const std::string bad = "tcp://127.0.0.1:" + std::to_string(*locked) + "?password=wrong";
  auto list = parse_peer_list(good + "\n" + bad + "\ntcp://127.0.0.2:1\n");
  ASSERT_TRUE(list);
  PeerSurvey survey(io, random, list->peers, {.wanted = 2, .tries = 3});
  std::size_t progress = 0;
  bool ended = false;
  survey.start([&] { ++progress; },
               [&] {
                 ended = true;
                 survey.stop();
                 links.shutdown();
               });
  io.run_for(std::chrono::seconds(30));
  ASSERT_TRUE(ended);
  EXPECT_EQ(observer.links, 3U);
  EXPECT_EQ(progress, 3U + 2U + 2U) << "who never answers is tried twice";
  const auto best = ranked(survey.peers());
  ASSERT_EQ(best.size(), 1U);
  EXPECT_EQ(best[0]->listed.uri, good);
  EXPECT_EQ(best[0]->tries(), 3U);
  EXPECT_EQ(best[0]->key, key.public_key());
  EXPECT_EQ(best[0]->network, "127.0.0.0/24");
  EXPECT_EQ(survey.peers()[1].failed, 2U);
  EXPECT_FALSE(survey.peers()[1].reason.empty());
}

}  // namespace
}  // namespace thicket::node
