#include "node/health.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "node/admin/health_status.hpp"

namespace thicket::node {
namespace {

HealthFacts good() {
  return {.tun_wanted = true, .tun_up = true, .peers_dialled = 2, .peers_up = 1};
}

TEST(Health, OnePeerAndWhatWasAskedForIsEnough) {
  EXPECT_TRUE(assess_health(good()).ok());
  HealthFacts inbound_only = good();
  inbound_only.peers_dialled = 0;
  EXPECT_TRUE(assess_health(inbound_only).ok());
  HealthFacts relay = good();
  relay.tun_wanted = relay.tun_up = false;
  EXPECT_TRUE(assess_health(relay).ok());
}

TEST(Health, SaysWhatIsWrong) {
  HealthFacts facts = good();
  facts.peers_up = 0;
  Health health = assess_health(facts);
  ASSERT_EQ(health.findings.size(), 1U);
  EXPECT_TRUE(health.has(HealthProblem::no_peers_up));
  EXPECT_NE(health.findings[0].reason.find('2'), std::string::npos) << "how many were tried";
  facts.peers_dialled = 0;
  EXPECT_NE(assess_health(facts).findings[0].reason.find("Peers"), std::string::npos)
      << "what to do about it";

  facts.tun_up = false;
  facts.listeners_failed = 3;
  health = assess_health(facts);
  EXPECT_EQ(health.findings.size(), 3U);
  for (const HealthProblem problem : kHealthProblems) EXPECT_TRUE(health.has(problem));
}

TEST(Health, AsJson) {
  EXPECT_EQ(health_status(assess_health(good())),
            nlohmann::json::parse(R"({"healthy": true, "problems": []})"));
  HealthFacts facts = good();
  facts.tun_up = false;
  const nlohmann::json json = health_status(assess_health(facts));
  EXPECT_EQ(json["healthy"], false);
  EXPECT_EQ(json["problems"][0]["problem"], "no_tun");
  EXPECT_TRUE(json["problems"][0]["reason"].is_string());
}

TEST(Health, NamesAreDifferent) {
  std::set<std::string_view> names;
  for (const HealthProblem problem : kHealthProblems) names.insert(name_of(problem));
  EXPECT_EQ(names.size(), kHealthProblems.size());
}

}  // namespace
}  // namespace thicket::node
