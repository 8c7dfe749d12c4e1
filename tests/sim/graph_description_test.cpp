#include "sim/graph_description.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/graph_components.hpp"
#include "sim/random_graph.hpp"
#include "sim/topology.hpp"

namespace thicket::sim {
namespace {

Graph make(TopologyKind kind, std::size_t nodes) {
  TopologyOptions options;
  options.kind = kind;
  options.nodes = nodes;
  Prng prng(1);
  return generate(options, prng).value();
}

Graph star(std::uint32_t leaves) {
  Graph graph{leaves + std::size_t{1}, {}, {}};
  for (std::uint32_t leaf = 1; leaf <= leaves; ++leaf)
    graph.edges.push_back({0, leaf, std::nullopt});
  return graph;
}

TEST(GraphDescription, OfARing) {
  const GraphDescription it = describe(make(TopologyKind::ring, 10));
  EXPECT_EQ(it.nodes, 10u);
  EXPECT_EQ(it.edges, 10u);
  EXPECT_EQ(it.components, 1u);
  EXPECT_EQ(it.degree_min, 2u);
  EXPECT_EQ(it.degree_max, 2u);
  EXPECT_DOUBLE_EQ(it.degree_mean, 2);
  EXPECT_EQ(it.degree_histogram, (std::map<std::size_t, std::size_t>{{2, 10}}));
  EXPECT_TRUE(it.distances_exact);
  EXPECT_EQ(it.diameter, 5u);
  EXPECT_DOUBLE_EQ(it.distance_mean, 25.0 / 9);  // 1+1+2+2+3+3+4+4+5 to nine others
  EXPECT_DOUBLE_EQ(it.clustering, 0);
}

TEST(GraphDescription, OfATriangleWithATailAndASingleNode) {
  const GraphDescription it = describe(
      {5,
       {{0, 1, std::nullopt}, {0, 2, std::nullopt}, {1, 2, std::nullopt}, {2, 3, std::nullopt}},
       {}});
  EXPECT_EQ(it.components, 2u);
  EXPECT_EQ(it.degree_min, 0u);
  EXPECT_EQ(it.degree_max, 3u);
  EXPECT_EQ(it.diameter, 2u);
  EXPECT_DOUBLE_EQ(it.distance_mean, 8.0 / 6);
  EXPECT_DOUBLE_EQ(it.clustering, (1 + 1 + 1.0 / 3) / 5);
}

TEST(GraphDescription, OfNothingAndOfOneNode) {
  EXPECT_EQ(describe({}).components, 0u);
  const GraphDescription one = describe({1, {}, {}});
  EXPECT_EQ(one.components, 1u);
  EXPECT_EQ(one.diameter, 0u);
  EXPECT_EQ(one.degree_max, 0u);
}

TEST(GraphDescription, OfALargeGraphIsABound) {
  const GraphDescription line = describe(make(TopologyKind::line, 5000));
  EXPECT_FALSE(line.distances_exact);
  EXPECT_EQ(line.diameter, 4999u);  // in a tree two sweeps find it
  EXPECT_NEAR(line.distance_mean, 5000 / 3.0, 50);
}

TEST(GraphDescription, OfALargeStarIsQuick) {
  const GraphDescription it = describe(star(300'000));
  EXPECT_EQ(it.degree_max, 300'000u);
  EXPECT_EQ(it.diameter, 2u);
  EXPECT_DOUBLE_EQ(it.clustering, 0);
}

RC_GTEST_PROP(GraphDescription, AgreesWithTheDefinitions, ()) {
  const Graph graph = test::random_graph();
  const GraphDescription it = describe(graph);
  const auto hops = test::all_distances(graph, false, 0);
  std::int64_t diameter = 0;
  std::int64_t sum = 0;
  int pairs = 0;
  double clustering = 0;
  for (std::size_t a = 0; a < graph.nodes; ++a) {
    int linked = 0;
    int degree = 0;
    for (std::size_t b = 0; b < graph.nodes; ++b) {
      if (hops[a][b] != 0 && hops[a][b] != test::kNever) {
        diameter = std::max(diameter, hops[a][b]);
        sum += hops[a][b];
        ++pairs;
      }
      degree += hops[a][b] == 1 ? 1 : 0;
      for (std::size_t c = 0; c < b; ++c) {
        linked += hops[a][b] == 1 && hops[a][c] == 1 && hops[b][c] == 1 ? 1 : 0;
      }
    }
    if (degree > 1) clustering += 2.0 * linked / (degree * (degree - 1));
  }
  RC_ASSERT(it.diameter == diameter);
  RC_ASSERT(std::abs(it.distance_mean - (pairs == 0 ? 0.0 : static_cast<double>(sum) / pairs)) <
            1e-9);
  RC_ASSERT(std::abs(it.clustering - clustering / static_cast<double>(graph.nodes)) < 1e-9);
}

}  // namespace
}  // namespace thicket::sim
