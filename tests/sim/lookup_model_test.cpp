#include "sim/lookup_model.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "sim/simulation.hpp"
#include "sim/spanning_tree.hpp"
#include "sim/topology.hpp"

namespace thicket::sim {
namespace {

Graph graph_of(TopologyKind kind, std::size_t nodes) {
  Prng random(7);
  TopologyOptions options;
  options.kind = kind;
  options.nodes = nodes;
  return generate(options, random).value();
}

std::vector<PublicKey> keys_for(const Graph& graph) {
  Simulation simulation({.seed = 3});
  std::vector<PublicKey> keys;
  for (std::size_t i = 0; i < graph.nodes; ++i)
    keys.push_back(simulation.key(simulation.add_node()));
  return keys;
}

TEST(SpanningTreeTest, ALineIsItsOwnTree) {
  const Graph graph = graph_of(TopologyKind::line, 20);
  const auto keys = keys_for(graph);
  const SpanningTree tree(graph, keys);
  EXPECT_EQ(keys[tree.root()], *std::ranges::min_element(keys));
  for (std::uint32_t a = 0; a < 20; ++a) {
    for (std::uint32_t b = 0; b < 20; ++b) {
      const std::uint32_t apart = a < b ? b - a : a - b;
      EXPECT_EQ(tree.distance(a, b), apart);
      EXPECT_EQ(tree.greedy_hops(a, b), apart);
    }
  }
}

TEST(SpanningTreeTest, GreedyRoutingIsNoLongerThanTheTreeAndTakesShortCuts) {
  const Graph graph = graph_of(TopologyKind::ring, 40);
  const auto keys = keys_for(graph);
  const SpanningTree tree(graph, keys);
  bool shorter = false;
  for (std::uint32_t a = 0; a < 40; ++a) {
    for (std::uint32_t b = 0; b < 40; ++b) {
      EXPECT_LE(tree.greedy_hops(a, b), tree.distance(a, b));
      shorter = shorter || tree.greedy_hops(a, b) < tree.distance(a, b);
    }
  }
  EXPECT_TRUE(shorter);  // over the one link that is not in the tree
}

TEST(SpanningTreeTest, NodesHangAsHighAsTheGraphAllows) {
  const Graph graph = graph_of(TopologyKind::barabasi_albert, 300);
  const auto keys = keys_for(graph);
  const SpanningTree tree(graph, keys);
  EXPECT_EQ(tree.order().size(), 300U);
  for (const Edge& edge : graph.edges) {
    const auto a = static_cast<int>(tree.depth(edge.a));
    const auto b = static_cast<int>(tree.depth(edge.b));
    EXPECT_LE(std::abs(a - b), 1);
  }
}

TEST(LookupModelTest, TwoNodes) {
  const Graph graph = graph_of(TopologyKind::line, 2);
  const LookupModel model = model_lookups(graph, keys_for(graph), 50, Prng(1));
  EXPECT_EQ(model.pairs, 50U);
  EXPECT_DOUBLE_EQ(model.bloom, 2);
  EXPECT_DOUBLE_EQ(model.recursive, 2);
  EXPECT_DOUBLE_EQ(model.with_copies, 0);  // either holds the other's
  EXPECT_DOUBLE_EQ(model.there_and_back, 2);
}

TEST(LookupModelTest, WhileFiltersAreNearlyEmptyAMulticastGoesStraightThere) {
  const Graph graph = graph_of(TopologyKind::line, 30);
  const LookupModel model = model_lookups(graph, keys_for(graph), 200, Prng(1));
  EXPECT_DOUBLE_EQ(model.bloom, model.there_and_back);
  EXPECT_GT(model.recursive, model.there_and_back);
  EXPECT_LT(model.with_copies, model.recursive);
}

TEST(LookupModelTest, IsNearTheTableOfTheSpecification) {
  const Graph graph = graph_of(TopologyKind::barabasi_albert, 1000);
  const LookupModel model = model_lookups(graph, keys_for(graph), 500, Prng(1));
  EXPECT_NEAR(model.bloom, 11, 2);
  EXPECT_NEAR(model.recursive, 15, 3);
  EXPECT_NEAR(model.there_and_back, 11, 2);
}

}  // namespace
}  // namespace thicket::sim
