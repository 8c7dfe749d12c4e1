#include "node/config/interface_pattern.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace thicket::node {
namespace {

bool matches(std::string_view regex, const std::string& name) {
  const auto pattern = InterfacePattern::compile(regex);
  if (!pattern) ADD_FAILURE() << regex << ": " << pattern.error();
  return pattern && pattern->matches(name);
}

TEST(InterfacePattern, MatchesAnywhereAsRe2Does) {
  EXPECT_TRUE(matches(".*", "eth0"));
  EXPECT_TRUE(matches("", "eth0"));
  EXPECT_TRUE(matches("th", "eth0"));
  EXPECT_FALSE(matches("^th", "eth0"));
  EXPECT_TRUE(matches("^(eth|wlan)[0-9]+$", "wlan12"));
  EXPECT_FALSE(matches("^(eth|wlan)[0-9]+$", "wlan12x"));
  EXPECT_FALSE(matches("ETH", "eth0"));
  EXPECT_TRUE(matches("(?i)ETH", "eth0"));
  EXPECT_TRUE(matches("^(?:en|eth)", "enp3s0"));
  EXPECT_TRUE(matches("^en.{2,3}?s0$", "enp3s0"));
  EXPECT_TRUE(matches("^eth0\\.5$", "eth0.5"));
  EXPECT_FALSE(matches("^eth0\\.5$", "eth0x5"));
}

TEST(InterfacePattern, KnowsTheClassesThatPosixLacks) {
  EXPECT_TRUE(matches("^eth\\d$", "eth7"));
  EXPECT_FALSE(matches("^eth\\d$", "ethd"));
  EXPECT_TRUE(matches("^eth\\D$", "ethd"));
  EXPECT_TRUE(matches("^[\\d]$", "7"));
  EXPECT_FALSE(matches("^[\\d]$", "\\"));
  EXPECT_TRUE(matches("^[\\w\\-]+$", "br-lan_0"));
  EXPECT_FALSE(matches("^[^\\w]+$", "br"));
  EXPECT_TRUE(matches("^[a\\]]+$", "a]"));
  EXPECT_TRUE(matches("^[[:alpha:]]+$", "eth"));
  EXPECT_FALSE(matches("^[[:alpha:]]+$", "eth0"));
}

TEST(InterfacePattern, RefusesWhatCannotBeMatchedSafely) {
  for (const char* regex : {"(a", "[a", "a{2", "*(", "(((a{100}){100}){100})", "a{99999}"}) {
    EXPECT_FALSE(InterfacePattern::compile(regex)) << regex;
  }
  EXPECT_FALSE(InterfacePattern::compile(std::string(300, 'a')));
}

RC_GTEST_PROP(InterfacePattern, SurvivesAnyPattern, ()) {
  const auto piece =
      rc::gen::element<std::string>("[", "]", "\\", "(", ")", "(?:", "{9", "}", "*", "?", "-", "^",
                                    "$", "|", "a", "0", "[:", ":]", "d", ".");
  std::string regex;
  for (const auto& p : *rc::gen::container<std::vector<std::string>>(piece)) regex += p;
  const auto pattern = InterfacePattern::compile(regex);
  if (pattern) (void)pattern->matches("eth0-a[d]");
}

}  // namespace
}  // namespace thicket::node
