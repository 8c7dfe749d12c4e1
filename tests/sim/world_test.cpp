#include "sim/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "sim/tree_view.hpp"

namespace thicket::sim {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

Scenario scenario_of(const Overrides& overrides) {
  const auto scenario = parse_scenario("{}", "test", overrides);
  if (!scenario) throw std::runtime_error(scenario.error());
  return *scenario;
}

/// What happens in a scenario within a few seconds, without its warm-up.
std::uint64_t hash_of(const Scenario& scenario) {
  auto world = World::build(scenario);
  if (!world) throw std::runtime_error(world.error());
  Simulation& simulation = (*world)->simulation();
  (*world)->start();
  simulation.run_for(5s);
  (*world)->begin(simulation.now().steady + 20s, [&](NodeIndex from, NodeIndex to) {
    const std::vector<std::uint8_t> data(20, 9);
    simulation.send(from, simulation.key(to), data);
  });
  simulation.run_for(20s);
  simulation.check_invariants();
  return simulation.trace().hash();
}

/// The same, with its times moved into those seconds.
Scenario shortened(std::string_view name) {
  Overrides overrides{{"cryptography", "fast"}, {"duration_s", "25"}};
  const Scenario base = find_scenario(std::string(name)).value();
  if (base.topology) overrides.push_back({"topology.nodes", "30"});
  if (base.growth) overrides.push_back({"growth.over_s", "15"});
  if (base.churn) overrides.push_back({"churn.mean_lifetime_s", "10"});
  if (base.partition) {
    overrides.push_back({"partition.at_s", "3"});
    overrides.push_back({"partition.heal_at_s", "9"});
  }
  if (base.root_loss) {
    overrides.push_back({"root_loss.at_s", "3"});
    overrides.push_back({"root_loss.return_after_s", "5"});
  }
  if (base.root_takeover) {
    overrides.push_back({"root_takeover.at_s", "3"});
    overrides.push_back({"root_takeover.leave_after_s", "5"});
    overrides.push_back({"root_takeover.return_after_s", "5"});
  }
  if (base.mobility) {
    overrides.push_back({"mobility.step_interval_s", "5"});
    overrides.push_back({"traffic.from_s", "0"});
  }
  for (std::size_t i = 0; i < base.adversaries.size(); ++i) {
    overrides.push_back({"adversaries." + std::to_string(i) + ".from_s", "3"});
  }
  return find_scenario(std::string(name), overrides).value();
}

class ReadyMadeScenarioTest : public testing::TestWithParam<std::string_view> {};

TEST_P(ReadyMadeScenarioTest, TwiceIsTheSameAndAnotherSeedIsNot) {
  Scenario scenario = shortened(GetParam());
  const std::uint64_t hash = hash_of(scenario);
  EXPECT_EQ(hash_of(scenario), hash);
  scenario.seed = 2;
  EXPECT_NE(hash_of(scenario), hash);
}

INSTANTIATE_TEST_SUITE_P(All, ReadyMadeScenarioTest, testing::ValuesIn(scenario_names()),
                         [](const auto& tested) {
                           std::string name(tested.param);
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

TEST(WorldTest, BuildsTheTopologyAndStartsAllAtOnce) {
  const auto world = World::build(
      scenario_of({{"topology.kind", "ring"}, {"topology.nodes", "8"}, {"duration_s", "1"}}));
  ASSERT_TRUE(world);
  EXPECT_EQ((*world)->topology(), "ring");
  EXPECT_EQ((*world)->simulation().links(), 8u);
  EXPECT_FALSE((*world)->simulation().running(3));
  (*world)->start();
  for (NodeIndex node = 0; node < 8; ++node) EXPECT_TRUE((*world)->simulation().running(node));
}

TEST(WorldTest, TheUsurperHasTheLowestKeyAndItsLinks) {
  const auto world = World::build(scenario_of(
      {{"topology.nodes", "20"}, {"root_takeover.links", "3"}, {"root_takeover.at_s", "1"}}));
  ASSERT_TRUE(world);
  Simulation& simulation = (*world)->simulation();
  const NodeIndex usurper = *(*world)->usurper();
  EXPECT_EQ(usurper, 20u);
  EXPECT_EQ(simulation.links_of(usurper).size(), 3u);
  (*world)->start();
  EXPECT_FALSE(simulation.running(usurper));
  (*world)->begin(simulation.now().steady + 100s, {});
  simulation.run_for(20s);
  EXPECT_EQ(lowest_running(simulation), usurper);
  EXPECT_EQ(simulation.router(0).root(), simulation.key(usurper));
}

TEST(WorldTest, SaysWhatCannotBeBuilt) {
  EXPECT_THAT(
      World::build(scenario_of({{"graph.file", "/no/such/file"}, {"duration_s", "1"}})).error(),
      HasSubstr("/no/such/file"));
  EXPECT_THAT(
      World::build(scenario_of({{"topology.nodes", "9"}, {"partition.by", "place"}})).error(),
      HasSubstr("partition.by"));
}

TEST(WorldTest, SendsThePingsAndLookupsThatWereAskedFor) {
  const auto world = World::build(scenario_of({{"topology.nodes", "6"},
                                               {"traffic.pings", "30"},
                                               {"traffic.over_s", "10"},
                                               {"traffic.rounds", "2"},
                                               {"lookups.lookups", "5"}}));
  ASSERT_TRUE(world);
  Simulation& simulation = (*world)->simulation();
  (*world)->start();
  simulation.run_for(10s);
  int pings = 0;
  (*world)->begin(simulation.now().steady + 60s, [&](NodeIndex, NodeIndex) { ++pings; });
  simulation.run_for(60s);
  EXPECT_EQ(pings, 60);
}

}  // namespace
}  // namespace thicket::sim
