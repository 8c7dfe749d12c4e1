#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <tuple>

#include "sim/pings.hpp"
#include "sim/small_worlds.hpp"

// Wall clocks that jump. Everything that is timed is timed by the steady clock; the wall clock only
// gives sequence numbers that other nodes compare, and the age of records in the DHT.
namespace thicket::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kDay = 86400;
constexpr NodeIndex kNodes = 8;

struct LinkLosses final : Observer {
  void link_closed(Time, NodeIndex, routing::CloseReason) override { ++closed; }
  std::size_t closed = 0;
};

/// Which node's clock jumps (0 is the root), and by how much.
class ClockJump : public testing::TestWithParam<std::tuple<NodeIndex, std::int64_t>> {
 protected:
  ClockJump() {
    simulation.add_observer(losses);
    make_ring(simulation, kNodes, {.latency = 5ms});
    simulation.run_for(30s);
  }
  bool answered(NodeIndex from, NodeIndex to, Duration wait) {
    pings.ping(from, to);
    simulation.run_for(wait);
    return pings.outcomes().back().answered;
  }
  /// Pings of the node with all others, both ways, that were not answered within `wait`.
  std::string unanswered(NodeIndex node, Duration wait) {
    std::string out;
    for (NodeIndex other = 0; other < kNodes; ++other) {
      if (other == node) continue;
      if (!answered(node, other, wait)) out += " to " + std::to_string(other);
      if (!answered(other, node, wait)) out += " from " + std::to_string(other);
    }
    return out;
  }

  Simulation simulation{fast_options()};
  Pings pings{simulation, {}};
  LinkLosses losses;
};

TEST_P(ClockJump, RunningSessionsAndLinksDoNotNotice) {
  const auto [node, seconds] = GetParam();
  ASSERT_EQ(unanswered(node, 10s), "");
  simulation.set_clock_offset(node, seconds);
  EXPECT_EQ(unanswered(node, 1s), "");
  simulation.run_for(5min);
  EXPECT_EQ(losses.closed, 0u);
}

TEST_P(ClockJump, NewSessionsComeUp) {
  const auto [node, seconds] = GetParam();
  simulation.set_clock_offset(node, seconds);
  EXPECT_EQ(unanswered(node, 10s), "");
  simulation.run_for(3min);  // sessions end, paths are forgotten
  EXPECT_EQ(unanswered(node, 10s), "");
  EXPECT_EQ(losses.closed, 0u);
}

TEST_P(ClockJump, TheTreeStillHeals) {
  const auto [node, seconds] = GetParam();
  ASSERT_EQ(unanswered(node, 10s), "");
  simulation.set_clock_offset(node, seconds);
  simulation.run_for(10s);
  const NodeIndex neighbour = static_cast<NodeIndex>((node + 1) % kNodes);
  simulation.crash(neighbour);
  simulation.run_for(60s);
  simulation.start(neighbour);
  simulation.run_for(60s);
  EXPECT_EQ(unanswered(node, 10s), "");
  EXPECT_EQ(unanswered(neighbour, 10s), "");
}

TEST_P(ClockJump, BackAgainIsNoWorse) {
  const auto [node, seconds] = GetParam();
  ASSERT_EQ(unanswered(node, 10s), "");
  simulation.set_clock_offset(node, seconds);
  simulation.run_for(2min);
  simulation.set_clock_offset(node, 0);
  EXPECT_EQ(unanswered(node, 10s), "");
  simulation.run_for(3min);
  EXPECT_EQ(unanswered(node, 10s), "");
  EXPECT_EQ(losses.closed, 0u);
}

INSTANTIATE_TEST_SUITE_P(AheadAndBack, ClockJump,
                         testing::Combine(testing::Values(0, 3), testing::Values(kDay, -kDay)));

}  // namespace
}  // namespace thicket::sim
