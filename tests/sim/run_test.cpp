#include "sim/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace thicket::sim {
namespace {

using namespace std::chrono_literals;

Scenario scenario_of(const Overrides& overrides) {
  const auto scenario = parse_scenario(R"({"cryptography": "fast"})", "test", overrides);
  if (!scenario) throw std::runtime_error(scenario.error());
  return *scenario;
}

TEST(RunTest, ANetworkAloneConvergesIdlesAndIsPinged) {
  TopologyOptions ring;
  ring.kind = TopologyKind::ring;
  ring.nodes = 20;
  Scenario scenario = scenario_for(ring);
  scenario.cryptography = CryptographyKind::fast;
  const auto results = run(scenario);
  ASSERT_TRUE(results) << results.error().what;
  EXPECT_EQ(results->topology, "ring");
  EXPECT_EQ(results->nodes, 20u);
  EXPECT_EQ(results->links, 20u);
  EXPECT_EQ(results->pings_sent, 200u);
  EXPECT_EQ(results->delivery, 1.0);
  ASSERT_TRUE(results->converged_s);
  EXPECT_GT(results->duration_s, 35);
  EXPECT_LT(results->duration_s, 50);
  const auto again = parse_scenario(results->scenario_json, "again");
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(run(*again)->trace_hash, results->trace_hash);
}

TEST(RunTest, DurationIsTheWholeRun) {
  const auto results = run(scenario_of({{"topology.nodes", "5"},
                                        {"duration_s", "12.5"},
                                        {"traffic", "{}"},
                                        {"warm_up.idle_s", "4"}}));
  ASSERT_TRUE(results);
  EXPECT_EQ(results->duration_s, 12.5);
  EXPECT_GT(results->pings_sent, 0u);
  EXPECT_EQ(results->delivery, 1.0);
}

TEST(RunTest, BlackHoleInALineLosesWhatItShouldForward) {
  const auto results = run(scenario_of({{"topology.nodes", "3"},
                                        {"warm_up", R"({"until_converged": true})"},
                                        {"adversaries", R"([{"where": "busiest"}])"},
                                        {"traffic", R"({"pings": 300, "over_s": 30})"}}));
  ASSERT_TRUE(results);
  // A third of all pairs are the two ends of the line.
  EXPECT_NEAR(*results->delivery, 2.0 / 3, 0.1);
}

TEST(RunTest, HooksAreCalled) {
  std::uint64_t told = 0;
  Duration last{};
  std::uint64_t first_traced = 0;
  RunHooks hooks;
  hooks.progress = [&](const Progress& progress) {
    ++told;
    EXPECT_GE(progress.elapsed, last);
    EXPECT_LE(progress.elapsed, progress.duration);
    last = progress.elapsed;
  };
  hooks.trace = [&](const TraceEvent& event) {
    if (first_traced == 0) first_traced = event.number;
  };
  hooks.trace_from = 50;
  ASSERT_TRUE(run(scenario_of({{"topology.nodes", "5"}, {"duration_s", "10"}}), hooks));
  EXPECT_GT(told, 0u);
  EXPECT_EQ(last, 10s);
  EXPECT_EQ(first_traced, 50u);
}

TEST(RunTest, SaysWhyItCannotRun) {
  const auto results = run(scenario_of({{"graph.file", "no-such-file"}, {"duration_s", "1"}}));
  ASSERT_FALSE(results);
  EXPECT_FALSE(results.error().violation);
  EXPECT_THAT(results.error().what, testing::HasSubstr("no-such-file"));
}

}  // namespace
}  // namespace thicket::sim
