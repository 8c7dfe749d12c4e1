#include "node/monitoring/metrics_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <string>

#include "node/monitoring/peer_metrics.hpp"
#include "node/prometheus_text.hpp"
#include "node/utf8.hpp"

namespace thicket::node::testing {
namespace {

using ::testing::IsEmpty;

TEST(MetricsText, IsAsTheFormatSays) {
  MetricsText out;
  out.begin("thicket_peers", MetricsText::Type::gauge, "Peers.");
  out.sample({{"direction", "inbound"}, {"state", "up"}}, std::uint64_t{3});
  out.sample({}, 0.25);
  out.counter("thicket_lookups_total", "Lookups, by\nday \\ night.", 18446744073709551615ULL);
  EXPECT_EQ(out.text(),
            "# HELP thicket_peers Peers.\n"
            "# TYPE thicket_peers gauge\n"
            "thicket_peers{direction=\"inbound\",state=\"up\"} 3\n"
            "thicket_peers 0.25\n"
            "# HELP thicket_lookups_total Lookups, by\\nday \\\\ night.\n"
            "# TYPE thicket_lookups_total counter\n"
            "thicket_lookups_total 18446744073709551615\n");
  EXPECT_THAT(read_prometheus(out.text()).faults, IsEmpty());
}

TEST(MetricsText, NumbersThatAreNone) {
  MetricsText out;
  const double infinite = std::numeric_limits<double>::infinity();
  out.begin("thicket_x", MetricsText::Type::gauge, "X.");
  out.sample({{"of", "a"}}, std::numeric_limits<double>::quiet_NaN());
  out.sample({{"of", "b"}}, infinite);
  out.sample({{"of", "c"}}, -infinite);
  EXPECT_THAT(read_prometheus(out.text()).faults, IsEmpty());
  EXPECT_NE(out.text().find("} NaN\n"), std::string::npos);
  EXPECT_NE(out.text().find("} +Inf\n"), std::string::npos);
  EXPECT_NE(out.text().find("} -Inf\n"), std::string::npos);
}

RC_GTEST_PROP(MetricsText, AnyLabelValueIsReadAsItIs, ()) {
  const auto value = *rc::gen::container<std::string>(rc::gen::oneOf(
      rc::gen::elementOf(std::string("\\\"\n,{}= #\xc3\xa9\xff\x80")), rc::gen::arbitrary<char>()));
  MetricsText out;
  out.begin("thicket_x", MetricsText::Type::gauge, "X.");
  out.sample({{"a", value}, {"b", "c"}}, std::uint64_t{1});
  const PrometheusPage page = read_prometheus(out.text());
  RC_ASSERT(page.faults.empty());
  const auto& labels = page.families.at("thicket_x").samples.at(0).first;
  RC_ASSERT(labels.at("b") == "c");
  if (valid_utf8_prefix(value) == value.size()) RC_ASSERT(labels.at("a") == value);
}

TEST(PrometheusText, TheReaderFindsFaults) {
  const std::string head = "# HELP thicket_x X.\n# TYPE thicket_x gauge\n";
  EXPECT_THAT(read_prometheus(head + "thicket_x 1\n").faults, IsEmpty());
  for (const char* bad :
       {"thicket_x 1", "thicket_x\n", "thicket_x one\n", "thicket_y 1\n", "thicket_x{a=b} 1\n",
        "thicket_x{a=\"b\" 1\n", "thicket_x{a=\"\\x\"} 1\n", "thicket_x{a=\"b\",a=\"c\"} 1\n",
        "thicket_x 1\nthicket_x 2\n", "thicket_x 0x1\n", "thicket_x{a=\"\xff\"} 1\n", "\n",
        "# HELP thicket_x X.\n", "# HELP thicket_y_ms Y.\n# TYPE thicket_y_ms gauge\n",
        "# HELP thicket_y Y.\n# TYPE thicket_y counter\n",
        "# HELP thicket_y_total Y.\n# TYPE thicket_y_total gauge\n", "# HELP thicket_y Y.\n",
        "# HELP thicket_y Y\\y.\n# TYPE thicket_y gauge\n"}) {
    EXPECT_FALSE(read_prometheus(head + bad).faults.empty()) << bad;
  }
}

class PeerMetricsTest : public ::testing::Test {
 protected:
  void add(std::uint8_t key, std::string uri, bool inbound, bool up, std::uint64_t bytes = 0) {
    transport::PeerStatus& link = links.emplace_back();
    link.uri = std::move(uri);
    link.inbound = inbound;
    link.up = up;
    link.bytes_received = bytes;
    link.uptime_seconds = static_cast<double>(bytes);
    if (up) link.key.bytes[0] = key;
  }
  PrometheusPage page(std::size_t limit = 100) {
    MetricsText out;
    write_peer_metrics(out, links, {}, limit);
    PrometheusPage read = read_prometheus(out.text());
    EXPECT_THAT(read.faults, IsEmpty()) << out.text();
    return read;
  }
  static std::string hex(std::uint8_t key) {
    PublicKey made;
    made.bytes[0] = key;
    return made.to_hex();
  }

  std::vector<transport::PeerStatus> links;
};

TEST_F(PeerMetricsTest, AreCountedByKind) {
  add(1, "tls://a:1", false, true);
  add(0, "tls://b:1", false, false);
  add(0, "tls://c:1", false, false);
  add(2, "tcp://192.0.2.1:4711", true, true);
  const PrometheusPage read = page();
  EXPECT_EQ(read.value("thicket_peers", {{"direction", "outbound"}, {"state", "up"}}), 1);
  EXPECT_EQ(read.value("thicket_peers", {{"direction", "outbound"}, {"state", "down"}}), 2);
  EXPECT_EQ(read.value("thicket_peers", {{"direction", "inbound"}, {"state", "up"}}), 1);
  EXPECT_EQ(read.value("thicket_peer_up", {{"remote", "tls://a:1"}}), 1);
  EXPECT_EQ(read.value("thicket_peer_up", {{"remote", "tls://b:1"}}), 0);
  EXPECT_EQ(read.families.at("thicket_peer_up").samples.size(), 3U);
}

TEST_F(PeerMetricsTest, APeerThatComesBackFromAnotherPortIsTheSame) {
  add(1, "tcp://192.0.2.1:4711", true, true, 5);
  add(1, "tcp://192.0.2.1:4712", true, true, 7);
  add(2, "tcp://192.0.2.1:4713", true, true, 9);
  add(1, "tls://[fe80::1%eth0]:4714", true, true, 11);
  const PrometheusPage read = page();
  const auto received = [&](const char* remote, std::uint8_t key) {
    return read.value("thicket_peer_received_bytes_total",
                      {{"remote", remote}, {"direction", "inbound"}, {"key", hex(key)}});
  };
  EXPECT_EQ(received("tcp://192.0.2.1", 1), 12);
  EXPECT_EQ(received("tcp://192.0.2.1", 2), 9);
  EXPECT_EQ(received("tls://[fe80::1%eth0]", 1), 11);
  EXPECT_EQ(read.value("thicket_peer_uptime_seconds",
                       {{"remote", "tcp://192.0.2.1"}, {"direction", "inbound"}, {"key", hex(1)}}),
            7);
}

TEST_F(PeerMetricsTest, OneUriThroughTwoInterfacesIsUpIfOneIs) {
  add(0, "tls://a:1", false, false);
  add(1, "tls://a:1", false, true, 3);
  add(0, "tls://a:1", false, false);
  const PrometheusPage read = page();
  EXPECT_EQ(read.value("thicket_peer_up", {{"remote", "tls://a:1"}}), 1);
}

TEST_F(PeerMetricsTest, AreLimited) {
  for (std::uint8_t i = 0; i < 9; ++i) {
    add(i, "tls://" + std::to_string(i) + ":1", false, i % 2 == 0);
  }
  for (std::uint8_t i = 0; i < 9; ++i) {
    add(i, "tcp://192.0.2." + std::to_string(i) + ":1", true, true);
  }
  const PrometheusPage read = page(6);
  EXPECT_EQ(read.families.at("thicket_peer_up").samples.size(), 6U);
  EXPECT_EQ(read.families.at("thicket_peer_sent_bytes_total").samples.size(), 6U);
  // Of those dialled 0 to 5 are there, and 6 and 8 are up too; of the inbound ones none fits.
  EXPECT_EQ(read.value("thicket_peers_left_out"), 3 + 8);
  EXPECT_EQ(read.value("thicket_peers", {{"direction", "inbound"}, {"state", "up"}}), 9);
}

}  // namespace
}  // namespace thicket::node::testing
