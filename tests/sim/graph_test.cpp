#include "sim/graph.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sim/cell_grid.hpp"
#include "sim/position.hpp"
#include "sim/random_graph.hpp"

namespace thicket::sim {
namespace {

constexpr auto kNone = std::nullopt;

TEST(Graph, NormalisingSortsAndDropsLoopsAndDoubles) {
  Graph graph{4,
              {{3, 1, kNone},
               {2, 2, kNone},
               {1, 0, kNone},
               {1, 3, Duration(5)},
               {0, 1, kNone},
               {3, 1, Duration(7)}},
              {}};
  EXPECT_FALSE(is_normal(graph));
  normalise(graph);
  EXPECT_EQ(graph.edges, (std::vector<Edge>{{0, 1, kNone}, {1, 3, Duration(5)}}));
  EXPECT_TRUE(is_normal(graph));
}

TEST(Graph, IsNotNormalWithAnythingWrong) {
  EXPECT_TRUE(is_normal({3, {{0, 1, kNone}, {0, 2, kNone}}, {}}));
  EXPECT_FALSE(is_normal({3, {{0, 2, kNone}, {0, 1, kNone}}, {}}));
  EXPECT_FALSE(is_normal({3, {{0, 1, kNone}, {0, 1, kNone}}, {}}));
  EXPECT_FALSE(is_normal({3, {{1, 0, kNone}}, {}}));
  EXPECT_FALSE(is_normal({3, {{1, 1, kNone}}, {}}));
  EXPECT_FALSE(is_normal({3, {{1, 3, kNone}}, {}}));
  EXPECT_FALSE(is_normal({3, {}, {{0, 0}}}));
}

RC_GTEST_PROP(Adjacency, ListsEachNodesLinksInOrder, ()) {
  const Graph graph = test::random_graph();
  const Adjacency adjacency(graph);
  RC_ASSERT(adjacency.nodes() == graph.nodes);
  for (std::uint32_t node = 0; node < graph.nodes; ++node) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> expected;
    for (std::uint32_t i = 0; i < graph.edges.size(); ++i) {
      const Edge& edge = graph.edges[i];
      if (edge.a == node) expected.emplace_back(edge.b, i);
      if (edge.b == node) expected.emplace_back(edge.a, i);
    }
    std::ranges::sort(expected);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> found;
    for (const Neighbour& next : adjacency.of(node)) found.emplace_back(next.node, next.edge);
    RC_ASSERT(found == expected);
    RC_ASSERT(adjacency.degree(node) == expected.size());
  }
}

RC_GTEST_PROP(Position, RootIsTheGreatestWhoseSquareFits, (std::uint64_t high, std::uint64_t low)) {
  const Uint128 value = (static_cast<Uint128>(high) << 64 | low) >> *rc::gen::inRange(4, 128);
  const Uint128 root = integer_sqrt(value);
  RC_ASSERT(root * root <= value);
  RC_ASSERT((root + 1) * (root + 1) > value);
}

TEST(Position, DistanceIsEuclidsAndRoundedDown) {
  EXPECT_EQ(distance_mm({0, 0}, {3, -4}), 5u);
  EXPECT_EQ(distance_mm({1, 1}, {2, 2}), 1u);
  EXPECT_EQ(
      distance_mm({-kMaxCoordinateMm, -kMaxCoordinateMm}, {kMaxCoordinateMm, kMaxCoordinateMm}),
      2'828'427'124'746u);
}

RC_GTEST_PROP(CellGrid, FindsAllLinksThatAllPairsGive, ()) {
  Graph graph;
  graph.nodes = *rc::gen::inRange<std::size_t>(0, 40);
  test::add_random_positions(graph);
  const auto range = *rc::gen::inRange<std::int64_t>(0, 30);
  std::vector<Edge> expected;
  for (std::uint32_t a = 0; a < graph.nodes; ++a) {
    for (std::uint32_t b = a + 1; b < graph.nodes; ++b) {
      const auto dx = graph.positions[a].x_mm - graph.positions[b].x_mm;
      const auto dy = graph.positions[a].y_mm - graph.positions[b].y_mm;
      if (dx * dx + dy * dy <= range * range) expected.push_back({a, b, kNone});
    }
  }
  RC_ASSERT(radio_links(graph.positions, range) == expected);
  RC_ASSERT(count_radio_links(graph.positions, range, 1000) == expected.size());
  RC_ASSERT(count_radio_links(graph.positions, range, 3) ==
            std::min<std::size_t>(4, expected.size()));
}

RC_GTEST_PROP(CellGrid, FindsTheNearestWantedNode, ()) {
  Graph graph;
  graph.nodes = *rc::gen::inRange<std::size_t>(1, 40);
  test::add_random_positions(graph);
  const CellGrid grid(graph.positions, *rc::gen::inRange<std::int64_t>(1, 9));
  const auto from = static_cast<std::uint32_t>(*rc::gen::inRange<std::size_t>(0, graph.nodes));
  const Uint128 limit = static_cast<std::uint64_t>(*rc::gen::inRange(0, 900));
  const bool limited = *rc::gen::arbitrary<bool>();
  const auto is_wanted = [&](std::uint32_t node) { return node != from && node % 3 != 0; };
  std::optional<std::uint32_t> expected;
  Uint128 best = 0;
  for (std::uint32_t node = 0; node < graph.nodes; ++node) {
    const Uint128 distance = squared_distance(graph.positions[from], graph.positions[node]);
    if (!is_wanted(node) || (limited && distance >= limit)) continue;
    if (expected && distance >= best) continue;
    expected = node;
    best = distance;
  }
  const auto found = grid.nearest(from, is_wanted, limited ? &limit : nullptr);
  RC_ASSERT(found.has_value() == expected.has_value());
  if (!found) return;
  RC_ASSERT(found->node == *expected);
  RC_ASSERT((found->squared_distance == best));
}

TEST(CellGrid, HoldsNoMoreCellsThanItNeeds) {
  const std::vector<Position> far{{-kMaxCoordinateMm, 0}, {kMaxCoordinateMm, 5}};
  const CellGrid grid(far, 1);
  EXPECT_LE(grid.columns() * grid.rows(), 9);
  EXPECT_TRUE(radio_links(far, 1).empty());
}

}  // namespace
}  // namespace thicket::sim
