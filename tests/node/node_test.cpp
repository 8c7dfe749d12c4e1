#include "node/node.hpp"

#include <gtest/gtest.h>

#include "node/test_nodes.hpp"
#include "node/wiring.hpp"

namespace thicket::node::testing {
namespace {

class NodeTest : public ::testing::Test {
 protected:
  std::unique_ptr<TestNode> started(std::vector<std::string> peers = {}) {
    auto node = nodes.make(nodes.make_config(std::move(peers)));
    const auto result = node->node->start();
    EXPECT_TRUE(result) << result.error();
    return node;
  }

  TestNodes nodes;
};

TEST_F(NodeTest, PingsAcrossALineOfThree) {
  const auto a = started();
  const auto b = started({a->uri()});
  const auto c = started({b->uri()});
  EXPECT_TRUE(nodes.ping(*a, *c));
  EXPECT_TRUE(nodes.ping(*c, *a));
  EXPECT_TRUE(nodes.ping(*b, *a));
}

TEST_F(NodeTest, LargePacketsCross) {
  const auto a = started();
  const auto b = started({a->uri()});
  ASSERT_TRUE(nodes.ping(*a, *b));
  EXPECT_TRUE(nodes.ping(*a, *b, 65535 - 48));
}

TEST_F(NodeTest, HealsWhenALinkIsLostAndComesBack) {
  const auto a = started();
  const auto b = started({a->uri()});
  const auto c = started({b->uri()});
  ASSERT_TRUE(nodes.ping(*a, *c));

  ASSERT_TRUE(c->node->remove_peer(b->uri()));
  ASSERT_TRUE(nodes.run_until([&] { return c->links_up() == 0 && b->links_up() == 1; }));
  EXPECT_EQ(c->node->endpoint().router().root(), c->key);

  ASSERT_TRUE(c->node->add_peer(b->uri()));
  EXPECT_TRUE(nodes.ping(*a, *c));
  EXPECT_TRUE(nodes.ping(*c, *a));
}

TEST_F(NodeTest, FindsAnotherWayAroundALostNode) {
  const auto a = started();
  auto b = started({a->uri()});
  const auto c = started({b->uri()});
  const auto d = started({c->uri(), a->uri()});
  ASSERT_TRUE(nodes.ping(*a, *c));
  b->node->stop();
  b.reset();
  EXPECT_TRUE(nodes.ping(*a, *c));
}

TEST_F(NodeTest, RelaysWithoutADevice) {
  const auto a = started();
  auto relay = nodes.make(nodes.make_config({a->uri()}), false);
  ASSERT_TRUE(relay->node->start());
  const auto c = started({relay->uri()});
  EXPECT_TRUE(nodes.ping(*a, *c));
}

/// A device that fails when its handler is called, as one whose interface is deleted.
class FailingDevice final : public tun::Device {
 public:
  explicit FailingDevice(FailureHandler& handler) : handler_(handler) {}
  void on_failure(FailureHandler handler) override { handler_ = std::move(handler); }
  const std::string& name() const override { return name_; }
  std::uint32_t mtu() const override { return 1500; }
  void start(BatchHandler) override {}
  void stop() override {}
  void write(Packet) override {}
  void flush() override {}

 private:
  std::string name_ = "failing";
  FailureHandler& handler_;
};

TEST_F(NodeTest, AFailedDeviceIsDroppedOnceItHasReturned) {
  tun::Device::FailureHandler fail;
  const KeyPair identity = KeyPair::generate(nodes.random);
  const auto wiring = std::make_shared<Wiring>(nodes.io, identity, nodes.random, Wiring::Options{},
                                               std::make_unique<FailingDevice>(fail));
  wiring->start();
  ASSERT_TRUE(fail);
  fail("the interface was deleted");
  EXPECT_NE(wiring->device(), nullptr);
  EXPECT_TRUE(nodes.run_until([&] { return wiring->device() == nullptr; }));
  wiring->schedule_pump();
  nodes.io.restart();
  nodes.io.poll();
  wiring->stop();
}

TEST_F(NodeTest, AfterStopTheLoopRunsOutOfWork) {
  const auto a = started();
  const auto b = started({a->uri()});
  ASSERT_TRUE(nodes.ping(*a, *b));
  a->node->stop();
  b->node->stop();
  nodes.io.restart();
  const auto begin = std::chrono::steady_clock::now();
  nodes.io.run_for(TestNodes::kPatience);
  EXPECT_TRUE(nodes.io.stopped());
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

TEST_F(NodeTest, APeerThatCannotBeUsedIsAnError) {
  auto node = nodes.make(nodes.make_config({"gopher://127.0.0.1:1"}));
  const auto result = node->node->start();
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().find("gopher://127.0.0.1:1"), std::string::npos);
}

TEST_F(NodeTest, APeerGivenTwiceIsDialledOnce) {
  const auto a = started();
  const auto b = started({a->uri(), a->uri() + "?priority=3", "TCP" + a->uri().substr(3)});
  EXPECT_EQ(b->node->peers().size(), 1U);
  EXPECT_TRUE(nodes.ping(*a, *b));
}

TEST_F(NodeTest, AListenerThatCannotBeOpenedIsNot) {
  const auto a = started();
  Config config = nodes.make_config();
  config.listen = {a->uri(), "tcp://127.0.0.1:0"};
  auto node = nodes.make(std::move(config));
  ASSERT_TRUE(node->node->start());
  ASSERT_EQ(node->node->listening_ports().size(), 2U);
  EXPECT_EQ(node->node->listening_ports()[0], 0);
  EXPECT_NE(node->node->listening_ports()[1], 0);
}

TEST_F(NodeTest, NodeInfoThatIsTooLongIsAnError) {
  Config config = nodes.make_config();
  config.node_info_json = fmt::format("{{\"name\": \"{:x<17000}\"}}", "");
  auto node = nodes.make(std::move(config));
  EXPECT_FALSE(node->node->start());
}

TEST_F(NodeTest, OnlyAllowedKeysGetIn) {
  Config config = nodes.make_config();
  config.allowed_public_keys = {KeyPair::generate(nodes.random).public_key()};
  auto strict = nodes.make(std::move(config));
  ASSERT_TRUE(strict->node->start());
  const auto other = started({strict->uri()});
  ASSERT_TRUE(nodes.run_until([&] { return !other->node->peers()[0].last_error.empty(); }));
  EXPECT_EQ(other->links_up(), 0U);
}

TEST_F(NodeTest, RemoteNodeInfoAndDebugAnswers) {
  Config config = nodes.make_config();
  config.node_info_json = R"({"name": "golden"})";
  auto a = nodes.make(std::move(config));
  ASSERT_TRUE(a->node->start());
  const auto b = started({a->uri()});
  const auto c = started({b->uri()});

  const auto ask = [&](Question question) {
    std::optional<RemoteQueries::Answer> answer;
    c->node->ask(a->key, question, [&](RemoteQueries::Answer got) { answer = std::move(got); });
    EXPECT_TRUE(nodes.run_until([&] { return answer.has_value(); }));
    EXPECT_TRUE(answer && *answer);
    return answer && *answer ? std::string(answer->value().begin(), answer->value().end())
                             : std::string();
  };
  EXPECT_NE(ask(Question::node_info).find("\"name\":\"golden\""), std::string::npos);
  EXPECT_NE(ask(Question::self).find(a->key.to_hex()), std::string::npos);
  EXPECT_EQ(ask(Question::peers), std::string(b->key.bytes.begin(), b->key.bytes.end()));
  EXPECT_EQ(ask(Question::tree).size() % PublicKey::kSize, 0U);
}

}  // namespace
}  // namespace thicket::node::testing
