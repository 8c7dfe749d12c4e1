#include "sim/graph_paths.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/random_graph.hpp"

namespace thicket::sim {
namespace {

TEST(GraphPaths, OfALineWithAShortcut) {
  // 0-1-2-3, and 0-3 as a slow link; 4 is alone.
  const Graph graph{
      5,
      {{0, 1, Duration(1)}, {0, 3, Duration(10)}, {1, 2, std::nullopt}, {2, 3, Duration(1)}},
      {}};
  const Adjacency adjacency(graph);
  EXPECT_EQ(hop_distances(adjacency, 0),
            (std::vector<std::uint32_t>{0, 1, 2, 1, kUnreachableHops}));
  EXPECT_EQ(latency_distances(graph, adjacency, 0, Duration(2)),
            (std::vector<Duration>{Duration(0), Duration(1), Duration(3), Duration(4),
                                   kUnreachableLatency}));
}

RC_GTEST_PROP(GraphPaths, AgreeWithFloydAndWarshall, ()) {
  const Graph graph = test::random_graph();
  const Adjacency adjacency(graph);
  const auto hops = test::all_distances(graph, false, 0);
  const auto latencies = test::all_distances(graph, true, 17);
  for (std::uint32_t from = 0; from < graph.nodes; ++from) {
    const auto by_hops = hop_distances(adjacency, from);
    const auto by_latency = latency_distances(graph, adjacency, from, Duration(17));
    for (std::uint32_t to = 0; to < graph.nodes; ++to) {
      if (hops[from][to] == test::kNever) {
        RC_ASSERT(by_hops[to] == kUnreachableHops);
        RC_ASSERT(by_latency[to] == kUnreachableLatency);
      } else {
        RC_ASSERT(by_hops[to] == hops[from][to]);
        RC_ASSERT(by_latency[to].count() == latencies[from][to]);
      }
    }
  }
}

}  // namespace
}  // namespace thicket::sim
