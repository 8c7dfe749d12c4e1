#include "sim/measurement.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "sim/small_worlds.hpp"

namespace thicket::sim {
namespace {

using namespace std::chrono_literals;

class MeasurementTest : public testing::Test {
 protected:
  Results finish() {
    Results results;
    measurement->finish(results);
    return results;
  }
  void ping_all_pairs() {
    for (NodeIndex from = 0; from < simulation.nodes(); ++from) {
      for (NodeIndex to = 0; to < simulation.nodes(); ++to) {
        if (from != to) pings.ping(from, to);
      }
    }
    simulation.run_for(6s);
  }
  Simulation simulation{fast_options()};
  Pings pings{simulation, {}};
  std::unique_ptr<Measurement> measurement = std::make_unique<Measurement>(simulation, pings);
};

TEST_F(MeasurementTest, LinesHaveNoStretch) {
  make_line(simulation, 6, {.latency = 10ms});
  simulation.run_for(20s);
  ping_all_pairs();
  const Results results = finish();
  EXPECT_EQ(results.pings_sent, 30u);
  EXPECT_EQ(results.pings_answered, 30u);
  EXPECT_EQ(results.delivery, 1.0);
  EXPECT_EQ(results.stretch_hops.count, 30u);
  EXPECT_EQ(results.stretch_hops.mean, 1.0);
  EXPECT_EQ(results.stretch_hops.max, 1.0);
  EXPECT_EQ(results.stretch_latency.max, 1.0);
  EXPECT_EQ(results.depth.max, 5.0);
  EXPECT_EQ(results.depth.mean, 2.5);
  EXPECT_TRUE(results.pings_lost.empty());
}

TEST_F(MeasurementTest, RingsAreStretchedWhereTheTreeIsCut) {
  make_ring(simulation, 8, {.latency = 10ms});
  simulation.run_for(30s);
  ping_all_pairs();
  const Results results = finish();
  ASSERT_EQ(results.pings_answered, 56u);
  // The tree is the ring without one link, opposite the root. Only who is at that link knows of the
  // short cut: one step before it, two pairs walk 6 links instead of 2; and four 5 instead of 3.
  EXPECT_NEAR(results.stretch_hops.mean, (50 + 2 * 3 + 4 * 5.0 / 3) / 56, 1e-12);
  EXPECT_EQ(results.stretch_hops.max, 3.0);
  EXPECT_EQ(results.stretch_hops.p50, 1.0);
  EXPECT_EQ(results.stretch_samples.size(), 56u);
}

TEST_F(MeasurementTest, TheMiddleOfAStarRelaysAll) {
  make_star(simulation, 6);
  simulation.run_for(20s);
  pings.ping(1, 2);
  pings.ping(3, 4);
  simulation.run_for(6s);
  const Results results = finish();
  EXPECT_EQ(results.pings_answered, 2u);
  EXPECT_EQ(results.busiest_relay_share, 1.0);
}

TEST_F(MeasurementTest, LookupsAcrossAStarTakeTwoHopsThereAndTwoBack) {
  make_star(simulation, 6, {.latency = 10ms});
  simulation.run_for(20s);
  simulation.lookup(1, simulation.key(2));
  simulation.run_for(3s);
  const Results results = finish();
  EXPECT_EQ(results.lookups_started, 1u);
  EXPECT_EQ(results.lookups_answered, 1u);
  ASSERT_EQ(results.lookup_transmissions.count, 1u);
  EXPECT_EQ(results.lookup_transmissions.max, 4.0);
  EXPECT_EQ(results.lookup_ms.max, 40.0);
  EXPECT_EQ(results.frames_by_type.at("PathLookup"), 2u);
  EXPECT_EQ(results.frames_by_type.at("PathNotify"), 2u);
}

TEST_F(MeasurementTest, UnansweredLookupsDoNotCountAsAnswered) {
  struct Mute final : Behaviour {
    bool lets_out(Time, ByteView body) override {
      return body[0] != static_cast<std::uint8_t>(routing::FrameType::path_notify);
    }
  };
  make_star(simulation, 4);
  simulation.run_for(20s);
  simulation.set_behaviour(2, std::make_unique<Mute>());
  simulation.lookup(1, simulation.key(2));
  simulation.run_for(10s);
  const Results results = finish();
  EXPECT_EQ(results.lookups_started, 1u);
  EXPECT_EQ(results.lookups_answered, 0u);
  EXPECT_EQ(results.lookup_transmissions.count, 0u);
}

TEST_F(MeasurementTest, IdleNodesOnlyRefresh) {
  make_line(simulation, 2, {.latency = 10ms});
  simulation.run_for(30min);
  const Results results = finish();
  ASSERT_TRUE(results.converged_s);
  EXPECT_NEAR(*results.converged_s, 0.06, 1e-9);
  EXPECT_EQ(results.converged_s, results.first_converged_s);
  // One record of less than 300 bytes is renewed in 4 minutes per node, with a request, its answer,
  // a filter at times and keepalives: some hundred bytes in 240 s.
  EXPECT_GT(results.control_bytes_per_node_s_idle, 0.1);
  EXPECT_LT(results.control_bytes_per_node_s_idle, 6.0);
  EXPECT_GT(results.control_bytes_per_node_s_converging, 1000.0);
  EXPECT_GT(results.control_bytes_per_node_s, results.control_bytes_per_node_s_idle);
  EXPECT_LT(results.control_bytes_per_node_s, results.control_bytes_per_node_s_converging);
  std::uint64_t bytes = 0;
  for (const auto& [type, count] : results.bytes_by_type) bytes += count;
  EXPECT_NEAR(results.control_bytes_per_node_s, static_cast<double>(bytes) / 3600, 1e-6);
  EXPECT_EQ(results.frames_by_type.count("Traffic"), 0u);
}

TEST_F(MeasurementTest, CutLinksLowerDelivery) {
  make_line(simulation, 2, {.latency = 100ms});
  simulation.run_for(20s);
  pings.ping(0, 1);
  simulation.run_for(6s);
  pings.ping(0, 1);
  simulation.run_for(50ms);
  simulation.cut(0);
  simulation.run_for(6s);
  pings.ping(0, 1);
  simulation.run_for(6s);
  const Results results = finish();
  EXPECT_EQ(results.pings_sent, 2u);
  EXPECT_EQ(results.pings_answered, 1u);
  EXPECT_EQ(results.pings_impossible, 1u);
  EXPECT_EQ(results.delivery, 0.5);
  EXPECT_EQ(results.pings_lost, (std::map<std::string, std::uint64_t>{{"link cut", 1}}));
  EXPECT_EQ(results.frames_lost.at("link cut"), 1u);
  EXPECT_EQ(results.ping_outcomes.size(), 3u);
}

TEST_F(MeasurementTest, UnconvergedNetworksAreReportedAsSuch) {
  make_line(simulation, 3, {.latency = 10ms});
  simulation.run_for(10s);
  EXPECT_TRUE(measurement->converged());
  simulation.block(0, 0);
  EXPECT_FALSE(measurement->converged());
  const Results results = finish();
  EXPECT_EQ(results.converged_s, std::nullopt);
  ASSERT_TRUE(results.first_converged_s);
  EXPECT_LT(*results.first_converged_s, 1.0);
}

TEST_F(MeasurementTest, RowsTellOfEverySecond) {
  make_line(simulation, 3, {.latency = 10ms});
  simulation.run_for(10s + 500ms);
  pings.ping(0, 2);
  simulation.run_for(9s + 500ms);
  const Results results = finish();
  ASSERT_EQ(results.series.size(), 20u);
  EXPECT_EQ(results.series[0].time_s, 1.0);
  EXPECT_EQ(results.series[0].running, 3u);
  EXPECT_GT(results.series[0].position_changes, 0u);
  EXPECT_EQ(results.series[19].time_s, 20.0);
  EXPECT_EQ(results.series[19].right_coordinates, 1.0);
  EXPECT_EQ(results.series[19].reachable, 1.0);
  EXPECT_EQ(results.series[19].roots, 1u);
  EXPECT_EQ(results.series[9].pings_sent, 0u);
  EXPECT_EQ(results.series[10].pings_sent, 1u);
  EXPECT_EQ(results.series[10].pings_answered, 1u);
  EXPECT_EQ(results.series[10].lookups, 1u);  // the answer goes the way back
  EXPECT_GT(results.series[10].traffic_bytes_per_node_s, 100.0);
  EXPECT_GT(results.series[19].state_bytes_per_node, 1000.0);
}

TEST_F(MeasurementTest, TooManyRowsBecomeHalfAsMany) {
  measurement = std::make_unique<Measurement>(simulation, pings,
                                              MeasurementOptions{.interval = 1s, .max_rows = 10});
  make_line(simulation, 2);
  simulation.run_for(60s);
  const Results results = finish();
  EXPECT_LE(results.series.size(), 10u);
  EXPECT_GE(results.series.size(), 5u);
  EXPECT_EQ(results.series.back().time_s, 60.0);
  double bytes = 0;
  double since = 0;
  for (const Sample& row : results.series) {
    bytes += row.control_bytes_per_node_s * (row.time_s - since);
    since = row.time_s;
  }
  EXPECT_NEAR(bytes, results.control_bytes_per_node_s * 60, 1e-6);
}

TEST_F(MeasurementTest, StateSignaturesAndDrawings) {
  make_star(simulation, 5);
  simulation.run_for(10s);
  simulation.crash(4);
  simulation.run_for(10s);
  const Results results = finish();
  EXPECT_EQ(results.nodes, 5u);
  EXPECT_EQ(results.links, 4u);
  EXPECT_EQ(results.duration_s, 20.0);
  EXPECT_EQ(results.cryptography, "fast");
  EXPECT_EQ(results.trace_hash, simulation.trace().hash());
  EXPECT_EQ(results.state_bytes.count, 4u);
  EXPECT_EQ(results.state_bytes_per_node, results.state_bytes.mean);
  std::uint64_t checked = 0;
  for (NodeIndex node = 0; node < 4; ++node) {
    checked += simulation.router(node).counters().signatures_checked;
  }
  EXPECT_GT(results.signatures_checked_per_node * 5, static_cast<double>(checked));
  ASSERT_EQ(results.drawn_nodes.size(), 5u);
  EXPECT_TRUE(results.drawn_nodes[0].root);
  EXPECT_EQ(results.drawn_nodes[0].parent, -1);
  EXPECT_EQ(results.drawn_nodes[3].parent, 0);
  EXPECT_EQ(results.drawn_nodes[3].depth, 1u);
  EXPECT_FALSE(results.drawn_nodes[4].running);
  ASSERT_EQ(results.drawn_links.size(), 3u);
  EXPECT_TRUE(results.drawn_links[0].tree);
}

TEST(Measurement, DoesNotChangeTheRun) {
  std::vector<std::uint64_t> hashes;
  for (const bool measured : {false, true}) {
    Simulation simulation(fast_options());
    Pings pings(simulation, {});
    std::unique_ptr<Measurement> measurement;
    if (measured) measurement = std::make_unique<Measurement>(simulation, pings);
    make_ring(simulation, 9, {.jitter = 3ms, .loss_per_million = 10'000});
    simulation.run_for(10s);
    pings.ping(1, 5);
    simulation.run_for(10s);
    hashes.push_back(simulation.trace().hash());
  }
  EXPECT_EQ(hashes[0], hashes[1]);
}

}  // namespace
}  // namespace thicket::sim
