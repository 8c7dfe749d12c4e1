#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "sim/churn.hpp"
#include "sim/growth.hpp"
#include "sim/link_failures.hpp"
#include "sim/mobility.hpp"
#include "sim/paced.hpp"
#include "sim/partition.hpp"
#include "sim/root_loss.hpp"
#include "sim/root_takeover.hpp"
#include "sim/traffic.hpp"
#include "sim/tree_view.hpp"

namespace thicket::sim {
namespace {

using namespace std::chrono_literals;

struct LifeRecorder final : Observer {
  void node_started(Time now, NodeIndex node) override { started[node].push_back(now.steady); }
  void node_stopped(Time now, NodeIndex node) override { stopped[node].push_back(now.steady); }
  std::map<NodeIndex, std::vector<Instant>> started;
  std::map<NodeIndex, std::vector<Instant>> stopped;
};

class ScenarioProcessTest : public testing::Test {
 protected:
  static SimulationOptions options() {
    SimulationOptions options;
    options.cryptography = CryptographyKind::fast;
    return options;
  }
  void SetUp() override {
    simulation.add_observer(recorder);
    begin = simulation.now().steady;
  }
  void TearDown() override { simulation.remove_observer(recorder); }
  /// A line of nodes.
  void line(std::size_t nodes) {
    for (std::size_t i = 0; i < nodes; ++i) simulation.add_node();
    for (NodeIndex i = 1; i < nodes; ++i) simulation.add_link(i - 1, i, {});
  }
  void start_all() {
    for (NodeIndex node = 0; node < simulation.nodes(); ++node) simulation.start(node);
  }
  std::size_t usable_links() const {
    std::size_t count = 0;
    for (LinkIndex link = 0; link < simulation.links(); ++link) count += simulation.usable(link);
    return count;
  }
  Instant never() const { return begin + 1000h; }

  Simulation simulation{options()};
  LinkOutages outages{simulation};
  LifeRecorder recorder;
  Instant begin;
};

TEST_F(ScenarioProcessTest, GrowthStartsNodesAtEvenIntervals) {
  for (int i = 0; i < 12; ++i) simulation.add_node();
  grow(simulation, {.over = 100s, .at_once = 2, .shuffled = false}, 12, Prng(1));
  simulation.run_for(200s);
  for (NodeIndex node = 0; node < 12; ++node) {
    ASSERT_EQ(recorder.started[node].size(), 1u);
    EXPECT_EQ(recorder.started[node][0] - begin, node < 2 ? 0s : (node - 1) * 10s);
  }
}

TEST_F(ScenarioProcessTest, GrowthShufflesTheOrder) {
  for (int i = 0; i < 30; ++i) simulation.add_node();
  grow(simulation, {.over = 29s, .at_once = 1, .shuffled = true}, 30, Prng(1));
  simulation.run_for(29s);
  std::vector<Instant> times;
  for (NodeIndex node = 0; node < 30; ++node) times.push_back(recorder.started[node].at(0));
  EXPECT_FALSE(std::ranges::is_sorted(times));
  std::ranges::sort(times);
  EXPECT_EQ(times.back() - begin, 29s);
}

TEST_F(ScenarioProcessTest, ChurnHasTheMeansThatWereAskedFor) {
  for (int i = 0; i < 50; ++i) simulation.add_node();
  start_all();
  ChurnProcess churn(simulation,
                     {.mean_lifetime = 100s, .mean_downtime = 20s, .from = 10s, .until = 4000s}, 50,
                     Prng(7));
  churn.begin(never());
  simulation.run_for(5000s);
  double up = 0;
  double down = 0;
  std::size_t lives = 0;
  for (NodeIndex node = 0; node < 50; ++node) {
    const auto& stops = recorder.stopped[node];
    const auto& starts = recorder.started[node];
    ASSERT_EQ(starts.size(), stops.size() + 1);
    EXPECT_TRUE(simulation.running(node));
    for (std::size_t i = 0; i < stops.size(); ++i) {
      EXPECT_GE(stops[i], begin + 10s);
      EXPECT_LE(starts[i + 1], begin + 4000s);
      up += std::chrono::duration<double>(stops[i] - std::max(starts[i], begin + 10s)).count();
      down += std::chrono::duration<double>(starts[i + 1] - stops[i]).count();
      ++lives;
    }
  }
  ASSERT_GT(lives, 1000u);
  EXPECT_NEAR(up / static_cast<double>(lives), 100, 10);
  EXPECT_NEAR(down / static_cast<double>(lives), 20, 2);
}

TEST_F(ScenarioProcessTest, ChurnTakesTheShareAndStopsAtTheEnd) {
  for (int i = 0; i < 40; ++i) simulation.add_node();
  start_all();
  ChurnProcess churn(simulation, {.mean_lifetime = 1s, .mean_downtime = 1s, .share_ppm = 250'000},
                     40, Prng(7));
  EXPECT_EQ(churn.members().size(), 10u);
  churn.begin(begin + 60s);
  simulation.run_for(120s);
  std::set<NodeIndex> members(churn.members().begin(), churn.members().end());
  for (NodeIndex node = 0; node < 40; ++node) {
    EXPECT_EQ(recorder.stopped[node].empty(), !members.contains(node));
    for (const Instant at : recorder.stopped[node]) EXPECT_LT(at, begin + 60s);
  }
}

TEST_F(ScenarioProcessTest, PartitionCutsExactlyTheLinksBetweenThePartsAndHealsThem) {
  line(10);
  for (NodeIndex node = 0; node + 2 < 10; ++node) simulation.add_link(node, node + 2, {});
  start_all();
  const std::vector<Position> nowhere;
  for (const auto by : {Partition::By::random, Partition::By::region, Partition::By::subtree}) {
    simulation.run_for(20s);
    PartitionProcess partition(simulation, outages,
                               {.at = 5s, .heal_at = 15s, .by = by, .share_ppm = 300'000}, nowhere,
                               Prng(3));
    partition.begin(never());
    simulation.run_for(10s);
    ASSERT_EQ(partition.part().size(), 10u);
    const auto size = std::ranges::count(partition.part(), true);
    if (by == Partition::By::subtree) {
      EXPECT_GT(size, 0);
      EXPECT_LT(size, 10);
    } else {
      EXPECT_EQ(size, 3);
    }
    for (LinkIndex link = 0; link < simulation.links(); ++link) {
      const auto& ends = simulation.link(link).ends;
      EXPECT_EQ(simulation.usable(link), partition.part()[ends[0]] == partition.part()[ends[1]]);
    }
    simulation.run_for(10s);
    EXPECT_EQ(usable_links(), simulation.links());
  }
}

TEST_F(ScenarioProcessTest, PartitionByPlaceTakesTheLeftmost) {
  line(4);
  start_all();
  const std::vector<Position> places{{30, 0}, {10, 0}, {40, 0}, {20, 0}};
  PartitionProcess partition(
      simulation, outages, {.heal_at = std::nullopt, .by = Partition::By::place}, places, Prng(3));
  partition.begin(never());
  simulation.run_for(1s);
  EXPECT_EQ(partition.part(), (std::vector<bool>{false, true, false, true}));
  EXPECT_EQ(usable_links(), 0u);
}

TEST_F(ScenarioProcessTest, LinksWorkAgainOnceTheLastReasonIsGone) {
  line(2);
  start_all();
  outages.fail(0, Outage::lose);
  outages.fail(0, Outage::cut);
  outages.mend(0);
  EXPECT_FALSE(simulation.usable(0));
  outages.mend(0);
  EXPECT_TRUE(simulation.usable(0));
}

TEST_F(ScenarioProcessTest, LinksFailAsOftenAsAskedAndWorkAgain) {
  line(11);
  start_all();
  for (const auto how :
       {LinkFailure::How::cut, LinkFailure::How::stall, LinkFailure::How::half_open}) {
    LinkFailureProcess failures(
        simulation, outages,
        {.at = 10s, .how = how, .count = 3, .restore_after = 20s, .every = 10s, .times = 2},
        Prng(5));
    failures.begin(never());
    std::vector<std::size_t> failed;
    for (int i = 0; i < 6; ++i) {
      simulation.run_for(i == 0 ? 5s : 10s);
      failed.push_back(10 - usable_links());
    }
    EXPECT_EQ(failed, (std::vector<std::size_t>{0, 3, 6, 3, 0, 0}));
  }
}

TEST_F(ScenarioProcessTest, TheRootIsLostAndReturns) {
  line(5);
  start_all();
  simulation.run_for(10s);
  const NodeIndex root = lowest_running(simulation);
  for (NodeIndex node = 0; node < 5; ++node) EXPECT_LE(simulation.key(root), simulation.key(node));
  plan_root_loss(simulation, {.at = 3s, .return_after = 7s}, never());
  simulation.run_for(5s);
  EXPECT_FALSE(simulation.running(root));
  EXPECT_EQ(recorder.stopped[root], (std::vector{begin + 13s}));
  simulation.run_for(10s);
  EXPECT_EQ(recorder.started[root].back(), begin + 20s);
}

TEST_F(ScenarioProcessTest, TheUsurperJoinsLeavesAndReturns) {
  line(3);
  plan_root_takeover(simulation, {.at = 5s, .leave_after = 10s, .return_after = 20s}, 2, Prng(1),
                     never());
  simulation.run_for(60s);
  EXPECT_EQ(recorder.started[2], (std::vector{begin + 5s, begin + 35s}));
  EXPECT_EQ(recorder.stopped[2], (std::vector{begin + 15s}));
}

TEST_F(ScenarioProcessTest, PacedCallsAsOftenAsAskedInEveryRound) {
  for (const bool evenly : {true, false}) {
    const Instant start = simulation.now().steady;
    std::vector<Instant> calls;
    Paced paced(simulation, {.count = 7, .rounds = 3, .evenly = evenly, .from = 4s}, 10s, Prng(1),
                [&](std::uint64_t) { calls.push_back(simulation.now().steady); });
    paced.begin(never());
    simulation.run_for(100s);
    ASSERT_EQ(calls.size(), 21u);
    for (std::size_t i = 0; i < calls.size(); ++i) {
      const Duration since_round = calls[i] - start - 4s - (i / 7) * 10s;
      EXPECT_GE(since_round, 0s);
      EXPECT_LT(since_round, 10s);
      if (evenly) {
        EXPECT_LT(since_round - (i % 7) * Duration(10s) / 7, 10ns);
      }
    }
  }
}

TEST_F(ScenarioProcessTest, PacedStopsAtTheEnd) {
  int calls = 0;
  Paced paced(simulation, {.count = 10, .evenly = true}, 10s, Prng(1),
              [&](std::uint64_t) { ++calls; });
  paced.repeat_until_end();
  paced.begin(begin + 25s);
  simulation.run_for(100s);
  EXPECT_EQ(calls, 25);
}

TEST_F(ScenarioProcessTest, PairsAreOfDifferentRunningNodes) {
  for (int i = 0; i < 40; ++i) simulation.add_node();
  for (NodeIndex node = 0; node < 40; node += 13) simulation.start(node);
  for (const auto exponent : {std::optional<std::uint32_t>(), std::optional<std::uint32_t>(2000)}) {
    PairSource pairs(simulation, 40, exponent, Prng(2));
    std::set<NodeIndex> seen;
    for (int i = 0; i < 200; ++i) {
      const auto pair = pairs.draw();
      ASSERT_TRUE(pair);
      EXPECT_NE(pair->first, pair->second);
      EXPECT_TRUE(simulation.running(pair->first) && simulation.running(pair->second));
      seen.insert(pair->first);
    }
    EXPECT_EQ(seen.size(), 4u);
  }
  for (NodeIndex node = 0; node < 39; ++node) simulation.crash(node);
  EXPECT_FALSE(PairSource(simulation, 40, std::nullopt, Prng(2)).draw());
}

TEST_F(ScenarioProcessTest, ZipfPairsPreferFew) {
  for (int i = 0; i < 20; ++i) simulation.add_node();
  start_all();
  PairSource pairs(simulation, 20, 1000, Prng(2));
  std::map<NodeIndex, int> asked;
  for (int i = 0; i < 5000; ++i) ++asked[pairs.draw()->second];
  int most = 0;
  for (const auto& [node, count] : asked) most = std::max(most, count);
  // The first of 20 ranks has 1 / (1 + 1/2 + ... + 1/20) = 28 % of the draws.
  EXPECT_NEAR(most / 5000.0, 0.28, 0.03);
}

TEST_F(ScenarioProcessTest, StepsHaveTheirLengthUnlessReflected) {
  const Mobility options{.area_mm = 1'000'000, .step_mm = 30'000};
  Prng random(4);
  double x = 0;
  double y = 0;
  for (int i = 0; i < 10'000; ++i) {
    const Position from{500'000, 500'000};
    const Position to = step_from(from, options, random);
    EXPECT_NEAR(static_cast<double>(distance_mm(from, to)), 30'000, 2);
    x += static_cast<double>(to.x_mm - from.x_mm);
    y += static_cast<double>(to.y_mm - from.y_mm);
    const Position reflected = step_from({1'000, 999'000}, options, random);
    EXPECT_GE(reflected.x_mm, 0);
    EXPECT_LE(reflected.y_mm, 1'000'000);
  }
  EXPECT_LT(std::abs(x) / 10'000, 1'000);
  EXPECT_LT(std::abs(y) / 10'000, 1'000);
}

TEST_F(ScenarioProcessTest, NearestPairsAreLinkedFirst) {
  const std::vector<Position> line{{0, 0}, {10, 0}, {30, 0}, {35, 0}};
  EXPECT_EQ(links_in_range({.range_mm = 20}, line).size(), 3u);
  const auto nearest = links_in_range({.range_mm = 20, .max_links = 1}, line);
  ASSERT_EQ(nearest.size(), 1u);
  EXPECT_EQ(nearest[0], (Edge{2, 3, {}}));
}

TEST_F(ScenarioProcessTest, LinksFollowTheMovingNodes) {
  const Mobility options{.nodes = 30,
                         .area_mm = 500'000,
                         .range_mm = 200'000,
                         .max_links = 80,
                         .step_interval = 10s,
                         .step_mm = 60'000,
                         .steps = 8};
  for (int i = 0; i < 30; ++i) simulation.add_node();
  MobilityProcess mobility(simulation, outages, options, {.set_up = {200ms, 2s}}, Prng(9));
  ASSERT_TRUE(mobility.place(30));
  start_all();
  mobility.begin(never());
  std::set<std::pair<NodeIndex, NodeIndex>> first;
  for (int step = 0; step < 12; ++step) {
    simulation.run_for(step == 0 ? 5s : 10s);
    std::set<std::pair<NodeIndex, NodeIndex>> expected;
    for (const Edge& edge : links_in_range(options, mobility.positions())) {
      expected.emplace(edge.a, edge.b);
    }
    std::set<std::pair<NodeIndex, NodeIndex>> usable;
    for (LinkIndex link = 0; link < simulation.links(); ++link) {
      const auto& ends = simulation.link(link).ends;
      if (simulation.usable(link)) usable.emplace(ends[0], ends[1]);
    }
    EXPECT_EQ(usable, expected);
    EXPECT_EQ(usable.size(), 80u);
    if (step == 0) first = usable;
  }
  EXPECT_EQ(mobility.steps_made(), 8u);
  EXPECT_GT(simulation.links(), 80u);
}

TEST_F(ScenarioProcessTest, SaysWhenNoPlacesAreConnected) {
  for (int i = 0; i < 10; ++i) simulation.add_node();
  MobilityProcess mobility(simulation, outages, {.range_mm = 1}, {}, Prng(9));
  EXPECT_FALSE(mobility.place(10));
}

TEST_F(ScenarioProcessTest, TheTreeOfALineIsALine) {
  line(7);
  start_all();
  simulation.run_for(20s);
  const TreeView tree(simulation);
  const NodeIndex root = lowest_running(simulation);
  EXPECT_EQ(tree.parent(root), root);
  EXPECT_EQ(tree.subtree_size(root), 7u);
  for (NodeIndex node = 0; node < 7; ++node) {
    EXPECT_EQ(tree.pairs_through(node), node * (6 - node));
    EXPECT_TRUE(tree.below(node, root));
  }
}

}  // namespace
}  // namespace thicket::sim
