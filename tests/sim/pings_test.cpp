#include "sim/pings.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "sim/small_worlds.hpp"

namespace thicket::sim {
namespace {

using namespace std::chrono_literals;

class PingsTest : public testing::Test {
 protected:
  const PingOutcome& ping(NodeIndex from, NodeIndex to, Duration wait = 6s) {
    pings.ping(from, to);
    simulation.run_for(wait);
    return pings.outcomes().back();
  }
  /// Makes a session between all nodes of the world.
  void settle(NodeIndex from, NodeIndex to) {
    simulation.run_for(20s);
    const PingOutcome& outcome = ping(from, to);
    ASSERT_TRUE(outcome.answered) << outcome.lost_by;
  }
  Simulation simulation{fast_options()};
  Pings pings{simulation, {}};
};

TEST_F(PingsTest, CountHopsAndTimeOnALine) {
  make_line(simulation, 5, {.latency = 10ms});
  settle(0, 4);
  const PingOutcome& outcome = ping(0, 4);
  EXPECT_TRUE(outcome.possible);
  EXPECT_TRUE(outcome.arrived);
  EXPECT_TRUE(outcome.answered);
  EXPECT_EQ(outcome.hops, 4u);
  EXPECT_EQ(outcome.shortest_hops, 4u);
  EXPECT_EQ(outcome.one_way, 40ms);
  EXPECT_EQ(outcome.travel, 40ms);
  EXPECT_EQ(outcome.quickest, 40ms);
  EXPECT_EQ(outcome.round_trip, 80ms);
  EXPECT_EQ(outcome.lost_by, "");
  EXPECT_EQ(pings.waiting(), 0u);
}

TEST_F(PingsTest, TheFirstTakesLongerThanItTravels) {
  make_line(simulation, 3, {.latency = 10ms});
  simulation.run_for(20s);
  const PingOutcome& outcome = ping(0, 2);
  ASSERT_TRUE(outcome.answered) << outcome.lost_by;
  EXPECT_EQ(outcome.hops, 2u);
  EXPECT_EQ(outcome.travel, 20ms);
  // A lookup and its answer, an init and its ack, and the ping itself.
  EXPECT_EQ(outcome.one_way, 100ms);
}

TEST_F(PingsTest, TheQuickestWayMayNotBeTheShortest) {
  add_nodes_by_key(simulation, 3);
  simulation.add_link(0, 2, {.latency = 100ms});
  simulation.add_link(0, 1, {.latency = 10ms});
  simulation.add_link(1, 2, {.latency = 15ms});
  start_all(simulation);
  simulation.run_for(20s);
  const PingOutcome& outcome = ping(0, 2);
  EXPECT_EQ(outcome.shortest_hops, 1u);
  EXPECT_EQ(outcome.quickest, 25ms);
}

TEST_F(PingsTest, ManyAtOnceKeepTheirOrder) {
  make_line(simulation, 3, {.latency = 10ms});
  simulation.run_for(20s);
  for (int i = 0; i < 4; ++i) pings.ping(0, 2);
  for (int i = 0; i < 4; ++i) pings.ping(2, 1);
  EXPECT_EQ(pings.waiting(), 8u);
  simulation.run_for(6s);
  ASSERT_EQ(pings.outcomes().size(), 8u);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_TRUE(pings.outcomes()[i].answered) << pings.outcomes()[i].lost_by;
    EXPECT_EQ(pings.outcomes()[i].from, i < 4 ? 0u : 2u);
    EXPECT_EQ(pings.outcomes()[i].hops, i < 4 ? 2u : 1u);
  }
}

TEST_F(PingsTest, RelaysAreCounted) {
  make_star(simulation, 6);
  settle(1, 2);
  const auto before = pings.forwarded();
  ping(1, 2);
  EXPECT_EQ(pings.forwarded()[0], before[0] + 2);
  for (NodeIndex node = 1; node < 6; ++node) EXPECT_EQ(pings.forwarded()[node], 0u);
}

TEST_F(PingsTest, AreImpossibleWithoutAWay) {
  const auto two = [this] {
    add_nodes_by_key(simulation, 2);
    start_all(simulation);
  };
  two();
  simulation.run_for(5s);
  const PingOutcome& outcome = ping(0, 1);
  EXPECT_FALSE(outcome.possible);
  EXPECT_FALSE(outcome.answered);
  EXPECT_EQ(outcome.lost_by, "no path found");
}

TEST_F(PingsTest, SilentLinksAreNamed) {
  make_line(simulation, 3);
  settle(0, 2);
  simulation.block(1, 0);  // from 1 towards 2
  EXPECT_EQ(ping(0, 2).lost_by, "link silent");
}

TEST_F(PingsTest, SilenceOnTheWayBackLosesTheAnswer) {
  make_line(simulation, 3);
  settle(0, 2);
  simulation.block(0, 1);  // from 1 towards 0
  const PingOutcome& outcome = ping(0, 2);
  EXPECT_TRUE(outcome.arrived);
  EXPECT_FALSE(outcome.answered);
  EXPECT_EQ(outcome.lost_by, "answer: link silent");
}

TEST_F(PingsTest, LinksCutUnderTheFrameAreNamed) {
  make_line(simulation, 3, {.latency = 100ms});
  settle(0, 2);
  pings.ping(0, 2);
  simulation.run_for(150ms);
  simulation.cut(1);
  simulation.run_for(6s);
  EXPECT_EQ(pings.outcomes().back().lost_by, "link cut");
}

TEST_F(PingsTest, NodesWithoutANextHopAreNamed) {
  make_line(simulation, 4, {.latency = 10ms});
  settle(0, 3);
  simulation.cut(2);  // 1 and 2 are still there; 2 has nobody beyond
  const PingOutcome& outcome = ping(0, 3);
  EXPECT_FALSE(outcome.possible);
  EXPECT_EQ(outcome.lost_by, "no next hop");
}

TEST_F(PingsTest, LossyLinksAreNamed) {
  make_line(simulation, 2, {.latency = 10ms});
  settle(0, 1);
  simulation.set_properties(0, {.latency = 10ms, .loss_per_million = 1'000'000});
  EXPECT_EQ(ping(0, 1).lost_by, "lost by link");
}

TEST_F(PingsTest, NodesThatWentDownAreNamed) {
  make_line(simulation, 3, {.latency = 10ms});
  settle(0, 2);
  simulation.crash(1);
  EXPECT_EQ(ping(0, 2).lost_by, "node down");
}

TEST_F(PingsTest, BlackHolesAreNamed) {
  struct BlackHole final : Behaviour {
    bool lets_in(Time, ByteView body) override {
      return body[0] != static_cast<std::uint8_t>(routing::FrameType::traffic);
    }
  };
  make_line(simulation, 3, {.latency = 10ms});
  settle(0, 2);
  simulation.set_behaviour(1, std::make_unique<BlackHole>());
  EXPECT_EQ(ping(0, 2).lost_by, "adversary");
}

TEST_F(PingsTest, SessionsThatCannotBeSetUpAreNamed) {
  struct NoTraffic final : Behaviour {
    bool lets_in(Time, ByteView body) override {
      return body[0] != static_cast<std::uint8_t>(routing::FrameType::traffic);
    }
  };
  make_line(simulation, 3, {.latency = 10ms});
  simulation.run_for(20s);
  simulation.set_behaviour(1, std::make_unique<NoTraffic>());
  EXPECT_EQ(ping(0, 2).lost_by, "session not set up");
}

TEST(Pings, LateAnswersCountAsNone) {
  Simulation simulation(fast_options());
  Pings pings(simulation, {.timeout = 1s});
  make_line(simulation, 2, {.latency = 10ms});
  simulation.run_for(20s);
  pings.ping(0, 1);
  simulation.run_for(5s);
  simulation.set_properties(0, {.latency = 600ms});
  pings.ping(0, 1);
  simulation.run_for(1100ms);
  ASSERT_EQ(pings.outcomes().size(), 2u);
  EXPECT_TRUE(pings.outcomes()[0].answered);
  EXPECT_TRUE(pings.outcomes()[1].arrived);
  EXPECT_EQ(pings.outcomes()[1].lost_by, "answer: too late");
  simulation.run_for(1s);
  EXPECT_EQ(pings.outcomes()[1].lost_by, "too late");
  EXPECT_FALSE(pings.outcomes()[1].answered);
}

TEST_F(PingsTest, FullQueuesAreNamed) {
  make_line(simulation, 3, {.latency = 1ms});
  settle(0, 2);
  simulation.set_properties(1, {.latency = 1ms, .bits_per_second = 20'000});
  // Half a second of queue, of which the fair queue sheds what is older than its target.
  for (int i = 0; i < 400; ++i) {
    simulation.after(i * 10ms, [this] { pings.ping(0, 2); });
  }
  simulation.run_for(20s);
  std::map<std::string, int> causes;
  for (const PingOutcome& outcome : pings.outcomes()) ++causes[outcome.lost_by];
  EXPECT_GT(causes["queue full"], 0);
  EXPECT_GT(causes[""], 1);
}

TEST(Pings, DoNotChangeWhatTheyDoNotSend) {
  std::vector<std::uint64_t> hashes;
  for (const bool watched : {false, true}) {
    Simulation simulation(fast_options());
    std::unique_ptr<Pings> pings;
    if (watched) pings = std::make_unique<Pings>(simulation, Pings::Options{});
    make_ring(simulation, 8);
    simulation.run_for(20s);
    hashes.push_back(simulation.trace().hash());
  }
  EXPECT_EQ(hashes[0], hashes[1]);
}

TEST(Pings, MayEndBeforeTheSimulation) {
  Simulation simulation(fast_options());
  make_line(simulation, 2);
  {
    Pings pings(simulation, {});
    pings.ping(0, 1);
  }
  simulation.run_for(10s);
  EXPECT_EQ(simulation.elapsed(), 10s);
}

}  // namespace
}  // namespace thicket::sim
