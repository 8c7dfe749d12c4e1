#include "sim/graph_components.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/random_graph.hpp"

namespace thicket::sim {
namespace {

constexpr auto kNone = std::nullopt;

TEST(Components, AreNumberedByTheirLowestNode) {
  const Components all = components({6, {{0, 5, kNone}, {1, 3, kNone}, {3, 4, kNone}}, {}});
  EXPECT_EQ(all.of_node, (std::vector<std::uint32_t>{0, 1, 2, 1, 1, 0}));
  EXPECT_EQ(all.sizes, (std::vector<std::size_t>{2, 3, 1}));
  EXPECT_EQ(all.largest(), 1u);
}

RC_GTEST_PROP(Components, HoldNodesThatReachEachOther, ()) {
  const Graph graph = test::random_graph();
  const Components all = components(graph);
  const auto distances = test::all_distances(graph, false, 0);
  for (std::uint32_t a = 0; a < graph.nodes; ++a) {
    for (std::uint32_t b = 0; b < graph.nodes; ++b) {
      RC_ASSERT((all.of_node[a] == all.of_node[b]) == (distances[a][b] != test::kNever));
    }
  }
}

TEST(LargestComponent, KeepsOrderPositionsAndLatencies) {
  const Graph graph{5,
                    {{0, 3, kNone}, {1, 2, kNone}, {1, 4, Duration(9)}},
                    {{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}}};
  const Graph expected{3, {{0, 1, kNone}, {0, 2, Duration(9)}}, {{1, 1}, {2, 2}, {4, 4}}};
  EXPECT_EQ(largest_component(graph), expected);
  EXPECT_EQ(largest_component(Graph{}), Graph{});
}

RC_GTEST_PROP(ConnectComponents, AddsTheFewestLinks, (std::uint64_t seed)) {
  Graph graph = test::random_graph();
  if (*rc::gen::arbitrary<bool>()) test::add_random_positions(graph);
  const Graph before = graph;
  const std::size_t pieces = components(graph).count();
  Prng prng(seed);
  connect_components(graph, prng);
  RC_ASSERT(is_normal(graph));
  RC_ASSERT(components(graph).count() == 1u);
  RC_ASSERT(graph.edges.size() == before.edges.size() + pieces - 1);
  for (const Edge& edge : before.edges) {
    RC_ASSERT(std::ranges::count(graph.edges, edge) == 1);
  }
}

TEST(ConnectComponents, JoinsWherePositionsComeNearest) {
  // Two pairs and a single node in a row: 0-1   2-3 4
  Graph graph{5, {{0, 1, kNone}, {2, 3, kNone}}, {{0, 0}, {10, 0}, {40, 0}, {50, 0}, {52, 1}}};
  Prng prng(1);
  connect_components(graph, prng);
  EXPECT_EQ(graph.edges,
            (std::vector<Edge>{{0, 1, kNone}, {1, 2, kNone}, {2, 3, kNone}, {3, 4, kNone}}));
}

TEST(ConnectComponents, LeavesAConnectedGraphAlone) {
  Graph graph{2, {{0, 1, Duration(3)}}, {}};
  const Graph before = graph;
  Prng prng(1);
  connect_components(graph, prng);
  EXPECT_EQ(graph, before);
}

}  // namespace
}  // namespace thicket::sim
