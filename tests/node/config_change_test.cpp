#include "node/config/config_change.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "node/sample_config.hpp"

namespace thicket::node {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

KeyPair key_of_seed(std::uint8_t seed) {
  return KeyPair::from_seed(std::vector<std::uint8_t>(32, seed));
}

std::vector<std::string> words(const Config& from, const Config& to) {
  std::vector<std::string> out;
  for (const ConfigChange& change : config_changes(from, to)) {
    out.push_back(std::string(key_of(change)) + ": " + describe(change));
  }
  return out;
}

TEST(ConfigChange, NothingBetweenTheSame) {
  const Config one = std::move(*parse_config(std::string(kSampleConfig), "a.conf"));
  const Config other = std::move(*parse_config(std::string(kSampleConfig), "b.conf"));
  EXPECT_THAT(config_changes(one, other), IsEmpty());
}

TEST(ConfigChange, SpellingAndOrderAreNoChange) {
  Config from;
  from.peers = {"tls://HOST.example:443", "tcp://[2001:db8:0::1]:9001?priority=3"};
  from.listen = {"tls://[::]:1", "tcp://0.0.0.0:2"};
  Config to;
  to.peers = {"tcp://[2001:db8::1]:9001?priority=3", "tls://host.example:443"};
  to.listen = {"tcp://0.0.0.0:2", "tls://[::]:1"};
  EXPECT_THAT(words(from, to), IsEmpty());
}

TEST(ConfigChange, TellsPeersByUriAndInterface) {
  Config from;
  from.peers = {"tls://a.example:1", "tls://b.example:1", "tls://c.example:1?priority=1"};
  from.interface_peers["eth0"] = {"tls://a.example:1"};
  Config to;
  to.peers = {"tls://c.example:1?priority=2", "tls://d.example:1", "tls://a.example:1"};
  to.interface_peers["eth1"] = {"tls://a.example:1"};
  EXPECT_THAT(words(from, to), ElementsAre("InterfacePeers: tls://a.example:1 by eth1 added",
                                           "Peers: tls://c.example:1?… has other options",
                                           "Peers: tls://d.example:1 added",
                                           "InterfacePeers: tls://a.example:1 by eth0 removed",
                                           "Peers: tls://b.example:1 removed"));
}

TEST(ConfigChange, OfAPeerGivenTwiceTheFirstCounts) {
  Config from;
  from.peers = {"tls://a.example:1?priority=1"};
  Config to;
  to.peers = {"tls://a.example:1?priority=1", "tls://a.example:1?priority=2"};
  EXPECT_THAT(words(from, to), IsEmpty());
}

TEST(ConfigChange, ListenersOpenBeforeOthersClose) {
  Config from;
  from.listen = {"tls://[::]:1", "tls://[::]:2?password=old"};
  Config to;
  to.listen = {"tls://[::]:2?password=new", "tls://[::]:3"};
  EXPECT_THAT(words(from, to),
              ElementsAre("Listen: tls://[::]:2?… has other options", "Listen: tls://[::]:3 added",
                          "Listen: tls://[::]:1 removed"));
}

TEST(ConfigChange, NamesWhatCountsOnlyAtStart) {
  Config from;
  from.identity = key_of_seed(1);
  Config to;
  to.identity = key_of_seed(2);
  to.admin_listen = "none";
  to.metrics_listen = "127.0.0.1:9100";
  to.group_password = "secret";
  to.interface_name = "ygg1";
  to.interface_mtu = 1280;
  to.sandbox = false;
  to.lookup = routing::LookupPolicy::bloom;
  EXPECT_THAT(words(from, to),
              ElementsAre("PrivateKey: needs a restart", "AdminListen: needs a restart",
                          "MetricsListen: needs a restart", "GroupPassword: needs a restart",
                          "IfName: needs a restart", "IfMTU: needs a restart",
                          "Sandbox: needs a restart", "Lookup: needs a restart"));
}

TEST(ConfigChange, TellsHowPeersAreChosen) {
  Config from;
  Config to;
  to.auto_peers = {"/etc/peers.json", 2, 60};
  EXPECT_THAT(words(from, to),
              ElementsAre("AutoPeers: 2 of /etc/peers.json now, replaced after 60 s"));
  EXPECT_THAT(words(to, from), ElementsAre("AutoPeers: off now"));
}

TEST(ConfigChange, AFileWithoutKeyKeepsTheOneOfTheRun) {
  Config from;
  from.identity = key_of_seed(1);
  EXPECT_THAT(words(from, Config{}), IsEmpty());
}

TEST(ConfigChange, TellsNoSecret) {
  Config from;
  Config to;
  to.peers = {"tls://a.example:1?password=hunter2", "tls://user:hunter2@b.example:1"};
  to.listen = {"tls://[::]:1?password=hunter2"};
  to.multicast_interfaces[0].password = "hunter2";
  to.group_password = "hunter2";
  const auto said = words(from, to);
  EXPECT_GE(said.size(), 5u);
  for (const std::string& line : said) EXPECT_THAT(line, Not(HasSubstr("hunter2")));
}

TEST(ConfigChange, NodeInfoFitsAtEveryStep) {
  Config open;
  Config closed;
  closed.node_info_privacy = true;
  closed.node_info_json = R"({"name":"x"})";
  EXPECT_THAT(words(open, closed), ElementsAre("NodeInfoPrivacy: true now", "NodeInfo: changed"));
  EXPECT_THAT(words(closed, open), ElementsAre("NodeInfo: changed", "NodeInfoPrivacy: false now"));
}

// --- properties ---------------------------------------------------------------------------------

rc::Gen<std::vector<std::string>> some_uris() {
  return rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "tls://a.example:1", "tls://A.example:1", "tls://a.example:1?priority=5", "tcp://192.0.2.1:7",
      "tcp://192.0.2.1:7?password=x", "unix:///run/x.sock", "tls://[2001:db8::1]:3",
      "tls://[2001:db8:0:0::1]:3?maxbackoff=10s"));
}

std::string a_word() {
  return *rc::gen::element<std::string>("", "one", "two");
}

Config any_config() {
  Config config;
  config.identity = key_of_seed(*rc::gen::inRange<std::uint8_t>(1, 3));
  config.peers = *some_uris();
  for (const char* interface : {"eth0", "wlan0"}) {
    if (*rc::gen::arbitrary<bool>()) config.interface_peers[interface] = *some_uris();
  }
  config.auto_peers.file = a_word();
  config.auto_peers.count = *rc::gen::inRange<std::uint32_t>(1, 4);
  config.auto_peers.replace_after = *rc::gen::inRange<std::uint32_t>(10, 12);
  config.listen = *some_uris();
  config.admin_listen = *rc::gen::element<std::string>("none", "unix:///run/a.sock");
  config.metrics_listen = *rc::gen::element<std::string>("none", "[::1]:9100");
  config.multicast_interfaces.resize(*rc::gen::inRange<std::size_t>(0, 3));
  for (MulticastInterface& entry : config.multicast_interfaces) {
    entry.regex = a_word();
    entry.beacon = *rc::gen::arbitrary<bool>();
    entry.password = a_word();
  }
  for (const std::uint8_t seed :
       *rc::gen::container<std::vector<std::uint8_t>>(rc::gen::inRange<std::uint8_t>(1, 5))) {
    config.allowed_public_keys.push_back(key_of_seed(seed).public_key());
  }
  config.metrics_listen = *rc::gen::element<std::string>("none", "127.0.0.1:9100");
  config.group_password = a_word();
  config.interface_name = *rc::gen::element<std::string>("auto", "none");
  config.interface_mtu = *rc::gen::element<std::uint32_t>(1280, 65535);
  config.log_level = *rc::gen::element<std::string>("info", "debug");
  config.sandbox = *rc::gen::arbitrary<bool>();
  config.log_lookups = *rc::gen::arbitrary<bool>();
  config.lookup = *rc::gen::element(routing::LookupPolicy::automatic, routing::LookupPolicy::bloom,
                                    routing::LookupPolicy::dht, routing::LookupPolicy::both);
  config.node_info_privacy = *rc::gen::arbitrary<bool>();
  config.node_info_json = *rc::gen::element<std::string>("{}", R"({"name":"x"})");
  return config;
}

RC_GTEST_PROP(ConfigChangeProperties, NothingBetweenAConfigurationAndItself, ()) {
  const Config config = any_config();
  RC_ASSERT(config_changes(config, config).empty());
}

RC_GTEST_PROP(ConfigChangeProperties, CarriedOutNothingIsLeftButWhatNeedsARestart, ()) {
  Config running = any_config();
  const Config next = any_config();
  const std::vector<ConfigChange> changes = config_changes(running, next);
  std::vector<ConfigChange> for_a_restart;
  for (const ConfigChange& change : changes) {
    RC_ASSERT(!describe(change).empty());
    apply_change(running, change);
    if (std::holds_alternative<RestartNeeded>(change)) for_a_restart.push_back(change);
  }
  RC_ASSERT(config_changes(running, next) == for_a_restart);
}

RC_GTEST_PROP(ConfigChangeProperties, WhatFailsIsFoundAgain, ()) {
  Config running = any_config();
  const Config next = any_config();
  const std::vector<ConfigChange> changes = config_changes(running, next);
  RC_PRE(!changes.empty());
  const std::size_t failing = *rc::gen::inRange<std::size_t>(0, changes.size());
  for (std::size_t i = 0; i < changes.size(); ++i) {
    if (i != failing) apply_change(running, changes[i]);
  }
  const std::vector<ConfigChange> left = config_changes(running, next);
  RC_ASSERT(std::find(left.begin(), left.end(), changes[failing]) != left.end());
}

RC_GTEST_PROP(ConfigChangeProperties, ThereAndBackTouchTheSameKeys, ()) {
  const Config one = any_config();
  const Config other = any_config();
  const auto keys = [](const Config& from, const Config& to) {
    std::vector<std::string_view> out;
    for (const ConfigChange& change : config_changes(from, to)) out.push_back(key_of(change));
    std::sort(out.begin(), out.end());
    return out;
  };
  RC_ASSERT(keys(one, other) == keys(other, one));
}

}  // namespace
}  // namespace thicket::node
