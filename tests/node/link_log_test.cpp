#include "node/link_log.hpp"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <sstream>

#include "crypto/address.hpp"

namespace thicket::node {
namespace {

using transport::LinkOrigin;

class LinkLogTest : public ::testing::Test {
 protected:
  LinkLogTest() {
    auto logger = std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_st>(text));
    logger->set_pattern("%v");
    spdlog::set_default_logger(logger);
  }
  ~LinkLogTest() override {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>("silent"));
  }
  std::ptrdiff_t lines() const {
    const std::string all = text.str();
    return std::count(all.begin(), all.end(), '\n');
  }

  std::ostringstream text;
  LinkLog log;
  Instant now{std::chrono::hours(1)};
};

TEST_F(LinkLogTest, ALinkIsOneLineWithAddressUriDirectionAndReason) {
  const transport::LinkInfo link{{1}, PublicKey{}, true, 0, "tcp://192.0.2.1:5", "192.0.2.1:5"};
  log.up(now, link);
  log.down(now, link, "the peer closed it");
  const std::string address = Address::of(PublicKey{}).to_string();
  EXPECT_EQ(text.str(), "link up: " + address + " over tcp://192.0.2.1:5, inbound\n" +
                            "link down: " + address +
                            " over tcp://192.0.2.1:5, inbound: the peer closed it\n");
}

TEST_F(LinkLogTest, TheSameFailureIsToldOnce) {
  for (int i = 0; i < 5; ++i)
    log.failed(now, "tcp://a:1", LinkOrigin::configured, "connection refused");
  EXPECT_EQ(lines(), 1);
  log.failed(now, "tcp://a:1", LinkOrigin::configured, "wrong password");
  log.failed(now, "tcp://b:1", LinkOrigin::configured, "wrong password");
  EXPECT_EQ(lines(), 3);
}

TEST_F(LinkLogTest, FailuresThatTakeTurnsAreToldOnceEachUntilALinkIsUp) {
  for (int i = 0; i < 5; ++i) {
    log.failed(now, "tcp://a:1", LinkOrigin::configured, "connection refused");
    log.failed(now, "tcp://a:1", LinkOrigin::configured, "timed out");
  }
  EXPECT_EQ(lines(), 2);
  EXPECT_EQ(text.str().substr(0, text.str().find('\n')),
            "no link to tcp://a:1: connection refused");
  log.up(now, {{1}, PublicKey{}, false, 0, "tcp://a:1", "192.0.2.1:5"});
  log.failed(now, "tcp://a:1", LinkOrigin::configured, "connection refused");
  log.failed(now, "tcp://a:1", LinkOrigin::configured, "timed out");
  EXPECT_EQ(lines(), 5);
}

TEST_F(LinkLogTest, ManyInboundLinksAreNoFlood) {
  const transport::LinkInfo inbound{{1}, PublicKey{}, true, 0, "tcp://a:1", "192.0.2.1:5"};
  for (int i = 0; i < 100; ++i) {
    log.up(now, inbound);
    log.down(now, inbound, "closed");
  }
  EXPECT_EQ(lines(), 50);
  transport::LinkInfo outbound = inbound;
  outbound.inbound = false;
  log.up(now, outbound);
  EXPECT_EQ(lines(), 51);
  now += std::chrono::seconds(1);
  log.up(now, inbound);
  log.up(now, inbound);
  EXPECT_EQ(lines(), 52);
  EXPECT_NE(text.str().find("(150 more before)"), std::string::npos);
}

TEST_F(LinkLogTest, InboundFailuresAreToldOnceAMinute) {
  for (int i = 0; i < 100; ++i) log.failed(now, "tcp://a:1", LinkOrigin::inbound, "no handshake");
  EXPECT_EQ(lines(), 1);
  now += std::chrono::minutes(1);
  log.failed(now, "tcp://a:1", LinkOrigin::inbound, "no handshake");
  EXPECT_EQ(lines(), 2);
  EXPECT_NE(text.str().find("99 more"), std::string::npos);
}

TEST_F(LinkLogTest, ALinkOfLocalDiscoverySaysSo) {
  transport::LinkInfo link{{1}, PublicKey{}, false, 0, "tls://[fe80::1%a]:1", "[fe80::1%a]:1"};
  link.discovered = true;
  log.up(now, link);
  link.inbound = true;
  log.up(now, link);
  EXPECT_NE(text.str().find("over tls://[fe80::1%a]:1, outbound, local\n"), std::string::npos);
  EXPECT_NE(text.str().find("over tls://[fe80::1%a]:1, inbound, local\n"), std::string::npos);
}

TEST_F(LinkLogTest, ForgedBeaconsAreNoFlood) {
  const auto failed = [&](int number) {
    log.failed(now, "tls://[fe80::1%a]:" + std::to_string(number), LinkOrigin::discovered,
               "connection refused");
  };
  for (int i = 0; i < 1000; ++i) failed(i);
  EXPECT_EQ(lines(), 1);
  transport::LinkInfo link{{1}, PublicKey{}, false, 0, "tls://[fe80::1%a]:1", "[fe80::1%a]:1"};
  link.discovered = true;
  for (int i = 0; i < 100; ++i) {
    log.up(now, link);
    log.down(now, link, "closed");
  }
  EXPECT_EQ(lines(), 51);
  now += std::chrono::minutes(1);
  failed(0);  // told before
  EXPECT_EQ(lines(), 51);
  failed(1);
  EXPECT_EQ(lines(), 52);
  EXPECT_NE(text.str().find("(999 more before)"), std::string::npos);
}

TEST_F(LinkLogTest, TheTreeIsToldWhenItChanges) {
  PublicKey self;
  PublicKey root;
  root.bytes[0] = 1;
  EXPECT_TRUE(log.wants_tree(now));
  log.tree(now, root, root, root);
  log.tree(now, root, root, root);
  EXPECT_EQ(lines(), 1);
  EXPECT_FALSE(log.wants_tree(now));
  log.tree(now, root, self, self);
  EXPECT_EQ(lines(), 2);
}

}  // namespace
}  // namespace thicket::node
