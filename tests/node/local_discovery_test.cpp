#include "node/local_discovery.hpp"

#include <gtest/gtest.h>

#include "node/test_nodes.hpp"

namespace thicket::node::testing {
namespace {

TEST(LocalDiscovery, RulesAreTheEntriesOfTheConfiguration) {
  MulticastInterface first;
  first.regex = "^eth";
  first.beacon = false;
  first.port = 7;
  first.priority = 3;
  first.password = "secret";
  const auto rules = discovery_rules({first, MulticastInterface{}});
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_TRUE(rules[0].matches("eth0"));
  EXPECT_FALSE(rules[0].matches("wlan0"));
  EXPECT_FALSE(rules[0].beacon);
  EXPECT_TRUE(rules[0].listen);
  EXPECT_EQ(rules[0].port, 7);
  EXPECT_EQ(rules[0].priority, 3);
  EXPECT_EQ(rules[0].password, "secret");
  EXPECT_TRUE(rules[1].matches("wlan0"));
  EXPECT_TRUE(rules[1].beacon);
}

TEST(LocalDiscovery, WithoutEntriesNothingHappens) {
  TestNodes nodes;
  const auto node = nodes.make(nodes.make_config(), false);
  ASSERT_TRUE(node->node->start());
  node->node->stop();
  EXPECT_TRUE(discovery_rules({}).empty());
}

TEST(LocalDiscovery, AnExpressionThatIsNoneMatchesNothing) {
  MulticastInterface broken;
  broken.regex = "(";
  EXPECT_TRUE(discovery_rules({broken}).empty());
}

}  // namespace
}  // namespace thicket::node::testing
