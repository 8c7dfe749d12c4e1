#include "node/monitoring/monitoring.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "node/http_client.hpp"
#include "node/monitoring/dashboard.hpp"
#include "node/monitoring/dashboard_status.hpp"
#include "node/monitoring/metrics.hpp"
#include "node/prometheus_text.hpp"
#include "node/test_nodes.hpp"

namespace thicket::node::testing {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class MonitoringTest : public ::testing::Test {
 protected:
  MonitoringTest() {
    Config config = nodes.make_config();
    config.metrics_listen = "127.0.0.1:0";
    node = nodes.make(std::move(config));
    EXPECT_TRUE(node->node->start());
    EXPECT_NE(node->node->metrics_port(), 0);
  }
  /// Another node, which the first one dials.
  void add_peer() {
    other = nodes.make(nodes.make_config());
    ASSERT_TRUE(other->node->start());
    ASSERT_TRUE(node->node->add_peer(other->uri()));
    ASSERT_TRUE(nodes.ping(*node, *other));
  }
  std::string get(const std::string& path) {
    HttpClient client(
        nodes.io, [this](const auto& condition) { return nodes.run_until(condition); },
        node->node->metrics_port());
    return client.get(path);
  }
  PrometheusPage metrics() {
    const std::string reply = get("/metrics");
    EXPECT_THAT(reply, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(reply, HasSubstr("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    PrometheusPage page = read_prometheus(body_of(reply));
    EXPECT_THAT(page.faults, IsEmpty());
    return page;
  }
  json status() { return json::parse(body_of(get("/status.json"))); }

  TestNodes nodes;
  std::unique_ptr<TestNode> node;
  std::unique_ptr<TestNode> other;
};

TEST_F(MonitoringTest, HealthIsThatOfTheNode) {
  const std::string alone = get("/healthz");
  EXPECT_THAT(alone, StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_EQ(json::parse(body_of(alone))["problems"][0]["problem"], "no_peers_up");
  EXPECT_EQ(metrics().value("thicket_healthy"), 0);
  EXPECT_FALSE(node->node->health().ok());
  add_peer();
  const std::string linked = get("/healthz");
  EXPECT_THAT(linked, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_EQ(json::parse(body_of(linked)), json::parse(R"({"healthy": true, "problems": []})"));
  EXPECT_EQ(metrics().value("thicket_healthy"), 1);
}

TEST_F(MonitoringTest, NoTunIsAProblemUnlessNoneIsWanted) {
  Config config = nodes.make_config();
  config.interface_name = "none";
  const auto relay = nodes.make(std::move(config), false);
  ASSERT_TRUE(relay->node->start());
  EXPECT_FALSE(relay->node->health().has(HealthProblem::no_tun));
  const auto without = nodes.make(nodes.make_config(), false);
  ASSERT_TRUE(without->node->start());
  EXPECT_TRUE(without->node->health().has(HealthProblem::no_tun));
}

TEST_F(MonitoringTest, AListenerThatDoesNotWorkIsAProblem) {
  Config config = nodes.make_config();
  config.listen = {node->uri()};
  const auto second = nodes.make(std::move(config));
  ASSERT_TRUE(second->node->start());
  EXPECT_TRUE(second->node->health().has(HealthProblem::not_listening));
}

TEST_F(MonitoringTest, MetricsAreThoseOfTheNode) {
  add_peer();
  const PrometheusPage page = metrics();
  const transport::PeerStatus peer = node->node->peers().at(0);
  const MetricLabels link{
      {"remote", other->uri()}, {"direction", "outbound"}, {"key", other->key.to_hex()}};
  EXPECT_EQ(page.value("thicket_peer_up", {{"remote", other->uri()}}), 1);
  const double received = page.value("thicket_peer_received_bytes_total", link).value_or(0);
  EXPECT_GT(received, 0);
  EXPECT_LE(received, static_cast<double>(peer.bytes_received));
  EXPECT_EQ(page.value("thicket_links_established_total"), 1);
  EXPECT_EQ(page.value("thicket_links_received_bytes_total"), received);
  EXPECT_EQ(page.value("thicket_sessions"), 1);
  EXPECT_EQ(page.value("thicket_tun_up"), 1);
  EXPECT_EQ(page.value("thicket_tree_is_root"), node->key < other->key ? 1 : 0);
  EXPECT_EQ(page.value("thicket_tree_depth"), node->key < other->key ? 0 : 1);
  EXPECT_EQ(page.value("thicket_node_info", {{"key", node->key.to_hex()},
                                             {"address", node->address.to_string()},
                                             {"subnet", Subnet::of(node->key).to_string()}}),
            1);
  EXPECT_GT(page.value("process_resident_memory_bytes").value_or(0), 1e6);
  EXPECT_GT(page.value("process_open_fds").value_or(0), 3);
  // This test began after 2020, and this process before now.
  const double start = page.value("process_start_time_seconds").value_or(0);
  EXPECT_GT(start, 1.577e9);
  EXPECT_LE(start, static_cast<double>(std::time(nullptr)) + 1);
  EXPECT_EQ(start, metrics().value("process_start_time_seconds"));
}

TEST_F(MonitoringTest, TotalsOutliveTheLinks) {
  add_peer();
  const double before = metrics().value("thicket_links_sent_bytes_total").value_or(0);
  ASSERT_TRUE(node->node->remove_peer(other->uri()));
  ASSERT_TRUE(nodes.run_until([&] { return node->links_up() == 0; }));
  const PrometheusPage after = metrics();
  EXPECT_GE(after.value("thicket_links_sent_bytes_total").value_or(0), before);
  EXPECT_EQ(after.value("thicket_links_ended_total"), 1);
  EXPECT_EQ(after.families.at("thicket_peer_sent_bytes_total").samples.size(), 0U);
}

TEST_F(MonitoringTest, TheStatusHasAllThatTheDashboardShows) {
  add_peer();
  const json shown = status();
  EXPECT_EQ(shown["node"]["key"], node->key.to_hex());
  EXPECT_EQ(shown["node"]["root"]["key"], std::min(node->key, other->key).to_hex());
  EXPECT_EQ(shown["node"]["tun"]["name"], "test");
  EXPECT_GE(shown["node"]["uptime"], 0.0);
  EXPECT_EQ(shown["health"]["healthy"], true);
  EXPECT_EQ(shown["peers"]["total"], 1);
  EXPECT_EQ(shown["peers"]["up"], 1);
  EXPECT_EQ(shown["peers"]["shown"][0]["key"], other->key.to_hex());
  EXPECT_EQ(shown["sessions"]["total"], 1);
  EXPECT_EQ(shown["sessions"]["shown"][0]["address"], other->address.to_string());
  EXPECT_EQ(shown["tree"]["shown"].size(), 2U);
  EXPECT_EQ(shown["lookups"]["lookup"], "auto");
  EXPECT_GE(shown["lookups"]["paths"], 0);
  EXPECT_GT(shown["traffic"]["bytes_sent"], 0);
}

TEST_F(MonitoringTest, ThereIsNothingElse) {
  for (const char* path : {"/metrics/", "/status", "/../etc/passwd", "//", "/index.html"}) {
    EXPECT_THAT(get(path), StartsWith("HTTP/1.1 404 Not Found\r\n")) << path;
  }
}

TEST_F(MonitoringTest, ANodeListensOnlyIfToldTo) {
  const auto silent = nodes.make(nodes.make_config());
  ASSERT_TRUE(silent->node->start());
  EXPECT_EQ(silent->node->metrics_port(), 0);
}

TEST_F(MonitoringTest, AnAddressInUseDoesNotStopTheRouter) {
  Config config = nodes.make_config();
  config.metrics_listen = "127.0.0.1:" + std::to_string(node->node->metrics_port());
  const auto second = nodes.make(std::move(config));
  EXPECT_TRUE(second->node->start());
  EXPECT_EQ(second->node->metrics_port(), 0);
}

TEST(Dashboard, IsOnePageThatMayDoNothingElse) {
  const HttpResponse page = dashboard_page();
  EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
  EXPECT_EQ(page.body.find("/* style */"), std::string::npos);
  EXPECT_EQ(page.body.find("/* script */"), std::string::npos);
  EXPECT_THAT(page.content_security_policy, StartsWith("default-src 'none'; style-src 'sha256-"));
  EXPECT_EQ(page.content_security_policy.find("unsafe"), std::string::npos);
  // It writes no markup, and refers to nothing but this server.
  for (const char* word : {"innerHTML", "outerHTML", "insertAdjacent", "document.write", "eval(",
                           "@import", "url(", "src=", "https:", "//cdn", " style=", " onclick="}) {
    EXPECT_EQ(page.body.find(word), std::string::npos) << word;
  }
}

PublicKey key_of(std::uint8_t first) {
  PublicKey key;
  key.bytes[0] = first;
  return key;
}

TEST(TreeAround, IsUsAndPeersWithAllAncestors) {
  // 1 is the root; 2 and 3 below it, 4 (us) below 2; 5 hangs in the air.
  std::vector<routing::TreeEntry> tree;
  for (const auto& [key, parent] : {std::pair(1, 1), {2, 1}, {3, 1}, {4, 2}, {5, 9}}) {
    tree.push_back(
        {key_of(static_cast<std::uint8_t>(key)), key_of(static_cast<std::uint8_t>(parent)), 0});
  }
  std::vector<routing::PeerInfo> peers(2);
  peers[0].key = key_of(2);
  peers[1].key = key_of(3);
  const auto keys = [&](std::size_t limit) {
    std::vector<int> first_bytes;
    for (const auto& entry : tree_around(key_of(4), peers, tree, limit)) {
      first_bytes.push_back(entry.key.bytes[0]);
    }
    return first_bytes;
  };
  EXPECT_EQ(keys(10), (std::vector<int>{4, 2, 1, 3}));
  EXPECT_EQ(keys(2), (std::vector<int>{4, 2}));
  EXPECT_TRUE(tree_around(key_of(8), {}, tree, 10).empty());
}

}  // namespace
}  // namespace thicket::node::testing
