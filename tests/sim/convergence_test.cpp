#include "sim/convergence.hpp"

#include <gtest/gtest.h>

#include "sim/small_worlds.hpp"

namespace thicket::sim {
namespace {

using namespace std::chrono_literals;

class ConvergenceTest : public testing::Test {
 protected:
  std::optional<Duration> right_since() {
    convergence.check();
    if (!convergence.right_since()) return std::nullopt;
    return *convergence.right_since() - start;
  }
  Simulation simulation{fast_options()};
  Instant start = simulation.now().steady;
  Convergence convergence{simulation};
};

TEST_F(ConvergenceTest, PairsAgreeAfterAHandfulOfLatencies) {
  make_line(simulation, 2, {.latency = 10ms});
  simulation.run_for(10s);
  // 30 ms to connect; the request for a signature, the answer, and the announcement that makes the
  // root know its child: three more.
  EXPECT_EQ(right_since(), 60ms);
  const NetworkState& state = convergence.check();
  EXPECT_EQ(state.running, 2u);
  EXPECT_EQ(state.roots, 1u);
  EXPECT_EQ(state.right_nodes, 2u);
  EXPECT_EQ(state.pairs, 2u);
  EXPECT_EQ(state.joined, 2u);
  EXPECT_EQ(convergence.root_of(1), 0u);
  EXPECT_EQ(convergence.parent_of(1), 0u);
  EXPECT_EQ(convergence.parent_of(0), 0u);
}

TEST_F(ConvergenceTest, LinesTakeTimeInProportionToTheirDepth) {
  make_line(simulation, 10, {.latency = 10ms});
  simulation.run_for(20s);
  const auto since = right_since();
  ASSERT_TRUE(since);
  // News of the root crosses nine links after they connect, and must be announced back.
  EXPECT_GE(*since, 30ms + 9 * 10ms);
  EXPECT_LE(*since, 30ms + 9 * 10ms * 6);
}

TEST_F(ConvergenceTest, IsNotRoundedToWhenItIsAsked) {
  make_line(simulation, 6, {.latency = 7ms});
  simulation.run_for(10s);
  const auto since = right_since();
  simulation.run_for(33s);
  EXPECT_EQ(right_since(), since);
  EXPECT_EQ(since->count() % Duration(7ms).count(), 0);
}

TEST_F(ConvergenceTest, IsNotThereBeforeLinksConnect) {
  make_line(simulation, 2, {.latency = 100ms});
  simulation.run_for(200ms);
  EXPECT_EQ(right_since(), std::nullopt);
  EXPECT_EQ(convergence.check().roots, 2u);
}

TEST_F(ConvergenceTest, PartsHaveRootsOfTheirOwn) {
  make_line(simulation, 6, {.latency = 10ms});
  simulation.run_for(10s);
  simulation.cut(2);
  simulation.run_for(10s);
  ASSERT_TRUE(right_since());
  EXPECT_GE(*right_since(), 10s);
  EXPECT_EQ(convergence.check().roots, 2u);
  EXPECT_EQ(convergence.root_of(5), 3u);
  EXPECT_EQ(convergence.check().pairs, 12u);
}

TEST_F(ConvergenceTest, HalfOpenLinksLeaveItUnconverged) {
  make_line(simulation, 3, {.latency = 10ms});
  simulation.run_for(10s);
  simulation.block(0, 0);  // the root is not heard any more, and hears
  EXPECT_EQ(right_since(), std::nullopt);
  EXPECT_LT(convergence.check().joined + convergence.check().right_nodes,
            convergence.check().pairs + convergence.check().running);
}

TEST_F(ConvergenceTest, StaysWhenNothingBelongingToItChanges) {
  make_ring(simulation, 80);
  simulation.run_for(30s);
  const auto since = right_since();
  ASSERT_TRUE(since);
  EXPECT_GT(convergence.check().pairs, 150u);  // a sample, without pairs of one
  EXPECT_LE(convergence.check().pairs, 200u);
  simulation.run_for(10min);  // records are refreshed
  EXPECT_EQ(right_since(), since);
}

TEST_F(ConvergenceTest, CrashedNodesAreMissedUntilTheTreeIsWholeAgain) {
  make_ring(simulation, 6, {.latency = 10ms});
  simulation.run_for(10s);
  ASSERT_TRUE(right_since());
  simulation.crash(1);
  simulation.run_for(100ms);
  EXPECT_EQ(right_since(), std::nullopt);
  simulation.run_for(5min);
  ASSERT_TRUE(right_since());
  // Nobody can know before something was sent to it and not answered.
  EXPECT_GT(*right_since(), 10s + 200ms);
  EXPECT_EQ(convergence.check().running, 5u);
}

}  // namespace
}  // namespace thicket::sim
