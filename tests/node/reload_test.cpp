#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "node/admin/reload_status.hpp"
#include "node/sample_config.hpp"
#include "node/test_nodes.hpp"

namespace thicket::node::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> texts(const std::vector<ReloadReport::Item>& items) {
  std::vector<std::string> out;
  for (const auto& item : items) out.push_back(std::string(item.key) + ": " + item.text);
  return out;
}

// Nodes that follow what the test writes for them.
class Reload : public ::testing::Test {
 protected:
  using Change = std::function<void(Config&)>;

  std::unique_ptr<TestNode> started(const Change& change = [](Config&) {}) {
    Config config = nodes.make_config();
    change(config);
    Config written = copy(config);
    auto node = nodes.make(std::move(config));
    node->node->reload_from(
        [this, raw = node.get()]() -> Result<Config, ConfigError> { return copy(files.at(raw)); });
    files.emplace(node.get(), std::move(written));
    const auto result = node->node->start();
    EXPECT_TRUE(result) << result.error();
    return node;
  }

  // A file says the same as before, but for `change`.
  ReloadReport reload(const TestNode& node, const Change& change) {
    change(files.at(&node));
    auto report = node.node->reload();
    EXPECT_TRUE(report) << report.error();
    return report ? std::move(*report) : ReloadReport{};
  }

  static Config copy(const Config& config) {
    Config out;
    out.identity = KeyPair::from_seed(config.identity->seed());
    out.peers = config.peers;
    out.listen = config.listen;
    out.admin_listen = config.admin_listen;
    out.multicast_interfaces = config.multicast_interfaces;
    out.allowed_public_keys = config.allowed_public_keys;
    out.interface_mtu = config.interface_mtu;
    out.node_info_json = config.node_info_json;
    out.lookup = config.lookup;
    out.log_level = config.log_level;
    return out;
  }

  // Where its only link is up, its number; numbers are never used again.
  static std::optional<std::uint64_t> link_of(const TestNode& node, const PublicKey& to) {
    for (const auto& peer : node.node->peers()) {
      if (peer.up && peer.key == to) return peer.link->value;
    }
    return std::nullopt;
  }

  TestNodes nodes;
  std::map<const TestNode*, Config> files;
};

TEST_F(Reload, PeersComeAndGoAndTheOthersStay) {
  const auto hub = started();
  const auto other = started();
  const auto node = started([&](Config& config) { config.peers = {hub->uri()}; });
  ASSERT_TRUE(nodes.ping(*node, *hub));
  const auto before = link_of(*node, hub->key);
  ASSERT_TRUE(before);

  const auto added = reload(*node, [&](Config& config) { config.peers.push_back(other->uri()); });
  EXPECT_THAT(texts(added.changed), ElementsAre("Peers: " + other->uri() + " added"));
  ASSERT_TRUE(nodes.run_until([&] { return link_of(*node, other->key).has_value(); }));
  EXPECT_EQ(link_of(*node, hub->key), before);
  EXPECT_TRUE(nodes.ping(*hub, *other));

  const auto removed = reload(*node, [&](Config& config) { config.peers = {hub->uri()}; });
  EXPECT_THAT(texts(removed.changed), ElementsAre("Peers: " + other->uri() + " removed"));
  ASSERT_TRUE(nodes.run_until([&] { return other->links_up() == 0; }));
  EXPECT_EQ(link_of(*node, hub->key), before);
  EXPECT_THAT(texts(reload(*node, [](Config&) {}).changed), IsEmpty());
}

TEST_F(Reload, APeerWithOtherOptionsIsDialledAnew) {
  const auto hub = started();
  const auto node = started([&](Config& config) { config.peers = {hub->uri()}; });
  ASSERT_TRUE(nodes.run_until([&] { return hub->links_up() == 1; }));
  const auto before = link_of(*node, hub->key);
  reload(*node, [&](Config& config) { config.peers = {hub->uri() + "?priority=9"}; });
  ASSERT_TRUE(nodes.run_until([&] {
    const auto now = link_of(*node, hub->key);
    return now && now != before;
  }));
  EXPECT_EQ(node->node->peers()[0].priority, 9);
}

TEST_F(Reload, WhatWasAddedByHandMayBeWrittenDown) {
  const auto hub = started();
  const auto node = started();
  ASSERT_TRUE(node->node->add_peer(hub->uri()));
  ASSERT_TRUE(nodes.run_until([&] { return hub->links_up() == 1; }));
  const auto before = link_of(*node, hub->key);
  const auto report = reload(*node, [&](Config& config) { config.peers = {hub->uri()}; });
  EXPECT_THAT(texts(report.failed), IsEmpty());
  EXPECT_EQ(link_of(*node, hub->key), before);

  ASSERT_TRUE(node->node->remove_peer(hub->uri()));
  EXPECT_THAT(texts(reload(*node, [](Config& config) { config.peers.clear(); }).failed), IsEmpty());
}

TEST_F(Reload, WhatWasAddedByHandGetsTheOptionsThatAreWrittenDown) {
  const auto hub = started();
  const auto node = started();
  ASSERT_TRUE(node->node->add_peer(hub->uri()));
  ASSERT_TRUE(nodes.run_until([&] { return hub->links_up() == 1; }));
  const auto before = link_of(*node, hub->key);
  reload(*node, [&](Config& config) { config.peers = {hub->uri() + "?maxbackoff=30s"}; });
  EXPECT_EQ(link_of(*node, hub->key), before);

  const std::string pinned = hub->uri() + "?key=" + node->key.to_hex();
  reload(*node, [&](Config& config) { config.peers = {pinned}; });
  ASSERT_TRUE(nodes.run_until([&] { return !node->node->peers()[0].last_error.empty(); }));
  EXPECT_EQ(node->links_up(), 0u);
}

TEST_F(Reload, APinThatIsWrittenDownLaterCounts) {
  const auto hub = started();
  const auto node = started();
  ASSERT_TRUE(node->node->add_peer(hub->uri()));
  ASSERT_TRUE(nodes.run_until([&] { return hub->links_up() == 1; }));
  const std::string pinned = hub->uri() + "?key=" + node->key.to_hex();
  reload(*node, [&](Config& config) { config.peers = {pinned}; });
  ASSERT_TRUE(nodes.run_until([&] { return hub->links_up() == 0; }));
}

TEST_F(Reload, AListenerThatClosesLeavesItsLinks) {
  const auto hub = started();
  const auto node = started([&](Config& config) { config.peers = {hub->uri()}; });
  ASSERT_TRUE(nodes.ping(*node, *hub));
  const std::string uri = hub->uri();
  const auto report = reload(*hub, [](Config& config) { config.listen.clear(); });
  EXPECT_THAT(texts(report.changed), ElementsAre("Listen: tcp://127.0.0.1:0 removed"));
  EXPECT_TRUE(nodes.ping(*hub, *node));
  const auto late = started([&](Config& config) { config.peers = {uri}; });
  ASSERT_TRUE(nodes.run_until([&] { return !late->node->peers()[0].last_error.empty(); }));
  EXPECT_EQ(late->links_up(), 0u);
  EXPECT_EQ(hub->links_up(), 1u);
}

TEST_F(Reload, AListenerOpensAndWithOtherOptionsStaysOpen) {
  const auto hub = started();
  const std::string port = hub->uri().substr(hub->uri().rfind(':'));
  const auto opened =
      reload(*hub, [&](Config& config) { config.listen.push_back("tcp://127.0.0.2" + port); });
  EXPECT_THAT(texts(opened.failed), IsEmpty());
  const auto second = started([&](Config& config) { config.peers = {"tcp://127.0.0.2" + port}; });
  ASSERT_TRUE(nodes.run_until([&] { return hub->links_up() == 1; }));

  const auto changed = reload(*hub, [&](Config& config) {
    config.listen.back() = "tcp://127.0.0.2" + port + "?password=new";
  });
  EXPECT_THAT(texts(changed.changed),
              ElementsAre("Listen: tcp://127.0.0.2" + port + "?… has other options"));
  EXPECT_EQ(hub->links_up(), 1u) << "a link that is up stays";
  const auto wrong =
      started([&](Config& config) { config.peers = {"tcp://127.0.0.2" + port + "?password=old"}; });
  const auto right =
      started([&](Config& config) { config.peers = {"tcp://127.0.0.2" + port + "?password=new"}; });
  ASSERT_TRUE(nodes.run_until(
      [&] { return right->links_up() == 1 && !wrong->node->peers()[0].last_error.empty(); }));
  EXPECT_EQ(wrong->links_up(), 0u);
}

TEST_F(Reload, ALoopThatRunsLooksUpNoNameOfAListener) {
  const auto node = started();
  const auto report = reload(*node, [](Config& config) {
    config.listen.insert(config.listen.end(),
                         {"tcp://mesh.example.invalid:0", "tcp://localhost:0"});
  });
  EXPECT_THAT(texts(report.failed),
              ElementsAre("Listen: tcp://mesh.example.invalid:0 added: names are looked up at "
                          "start: restart, or write an address"));
  EXPECT_THAT(texts(report.changed), ElementsAre("Listen: tcp://localhost:0 added"));
}

TEST_F(Reload, APortThatIsTakenIsTriedAgain) {
  auto rival = started();
  const std::string uri = rival->uri();
  const auto node = started();
  const auto report = reload(*node, [&](Config& config) {
    config.listen.push_back(uri);
    config.node_info_json = R"({"name":"new"})";
  });
  ASSERT_EQ(report.failed.size(), 1u);
  EXPECT_THAT(report.failed[0].text, HasSubstr(uri + " added: "));
  EXPECT_THAT(texts(report.changed), ElementsAre("NodeInfo: changed"));
  EXPECT_EQ(reload(*node, [](Config&) {}).failed.size(), 1u);
  EXPECT_TRUE(node->node->health().has(HealthProblem::not_listening));

  rival->node->stop();
  const auto again = reload(*node, [](Config&) {});
  EXPECT_THAT(texts(again.changed), ElementsAre("Listen: " + uri + " added"));
  EXPECT_FALSE(node->node->health().has(HealthProblem::not_listening));
}

TEST_F(Reload, AListenerMayTakeThePortOfOneThatCloses) {
  auto node = started();
  const std::string port = node->uri().substr(node->uri().rfind(':'));
  reload(*node, [&](Config& config) { config.listen = {"tcp://127.0.0.2" + port}; });
  // All addresses, of which the old one has one.
  const auto report =
      reload(*node, [&](Config& config) { config.listen = {"tcp://0.0.0.0" + port}; });
  EXPECT_THAT(texts(report.failed), IsEmpty());
  EXPECT_THAT(texts(report.changed), ElementsAre("Listen: tcp://127.0.0.2" + port + " removed",
                                                 "Listen: tcp://0.0.0.0" + port + " added"));
}

TEST_F(Reload, AKeyThatIsNotAllowedAnyMoreLosesItsLinks) {
  const auto hub = started();
  const auto friendly = started([&](Config& config) { config.peers = {hub->uri()}; });
  const auto stranger = started([&](Config& config) { config.peers = {hub->uri()}; });
  ASSERT_TRUE(nodes.run_until([&] { return hub->links_up() == 2; }));
  const auto before = link_of(*hub, friendly->key);
  reload(*hub, [&](Config& config) { config.allowed_public_keys = {friendly->key}; });
  EXPECT_EQ(link_of(*hub, friendly->key), before);
  EXPECT_FALSE(link_of(*hub, stranger->key));
  ASSERT_TRUE(nodes.run_until([&] { return !stranger->node->peers()[0].last_error.empty(); }));
  EXPECT_EQ(hub->links_up(), 1u);

  reload(*hub, [](Config& config) { config.allowed_public_keys.clear(); });
  EXPECT_TRUE(nodes.run_until([&] { return hub->links_up() == 2; })) << "it keeps dialling";
}

TEST_F(Reload, OthersAreToldTheNewNodeInfo) {
  const auto hub = started();
  const auto node = started([&](Config& config) { config.peers = {hub->uri()}; });
  reload(*hub, [](Config& config) { config.node_info_json = R"({"name":"renamed"})"; });
  ASSERT_TRUE(nodes.run_until([&] { return node->links_up() == 1; }));
  std::string heard;
  node->node->ask(hub->key, Question::node_info, [&](const RemoteQueries::Answer& answer) {
    if (answer) heard.assign(answer->begin(), answer->end());
  });
  ASSERT_TRUE(nodes.run_until([&] { return !heard.empty(); }));
  EXPECT_THAT(heard, HasSubstr("renamed"));
}

TEST_F(Reload, SaysWhatNeedsARestartAndLeavesIt) {
  const auto node = started();
  const auto report = reload(*node, [](Config& config) {
    config.interface_mtu = 1300;
    config.lookup = routing::LookupPolicy::dht;
  });
  EXPECT_THAT(texts(report.restart), ElementsAre("IfMTU: needs a restart"));
  EXPECT_THAT(texts(report.changed), ElementsAre("Lookup: dht now"));
}

TEST_F(Reload, AMistakeChangesNothing) {
  const auto hub = started();
  const auto node = started([&](Config& config) { config.peers = {hub->uri()}; });
  ASSERT_TRUE(nodes.run_until([&] { return node->links_up() == 1; }));
  const auto before = link_of(*node, hub->key);
  node->node->reload_from(
      [] { return parse_config("{ Peers: []\n IfMTU: many\n}", "wrong.conf"); });
  const auto report = node->node->reload();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error(),
            "wrong.conf:2: IfMTU: found the text \"many\", expected a whole number from 1280 to "
            "65535");
  EXPECT_EQ(link_of(*node, hub->key), before);
}

TEST_F(Reload, WithoutAFileThereIsNothingToRead) {
  auto node = nodes.make(nodes.make_config());
  ASSERT_TRUE(node->node->start());
  EXPECT_FALSE(node->node->reload());
}

}  // namespace
}  // namespace thicket::node::testing
