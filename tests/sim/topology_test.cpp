#include "sim/topology.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <map>

#include "sim/graph_components.hpp"
#include "sim/graph_description.hpp"
#include "sim/position.hpp"

namespace thicket::sim {
namespace {

using testing::HasSubstr;

TopologyOptions of(TopologyKind kind, std::size_t nodes) {
  TopologyOptions options;
  options.kind = kind;
  options.nodes = nodes;
  return options;
}

Graph make(const TopologyOptions& options, std::uint64_t seed = 1) {
  Prng prng(seed);
  const auto graph = generate(options, prng);
  EXPECT_TRUE(graph.has_value()) << graph.error();
  EXPECT_TRUE(is_normal(*graph));
  return *graph;
}

std::string error_of(const TopologyOptions& options) {
  Prng prng(1);
  const auto graph = generate(options, prng);
  return graph ? "none" : graph.error();
}

// FNV-1a over everything in the graph, in a byte order of our own.
std::uint64_t hash_of(const Graph& graph) {
  std::uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&hash](std::uint64_t value) {
    for (int i = 0; i < 8; ++i) {
      hash = (hash ^ ((value >> (8 * i)) & 0xff)) * 0x100000001b3;
    }
  };
  add(graph.nodes);
  for (const Edge& edge : graph.edges) {
    add(edge.a);
    add(edge.b);
    add(edge.latency ? static_cast<std::uint64_t>(edge.latency->count()) : 0);
  }
  for (const Position& position : graph.positions) {
    add(static_cast<std::uint64_t>(position.x_mm));
    add(static_cast<std::uint64_t>(position.y_mm));
  }
  return hash;
}

std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs_of(const Graph& graph) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> pairs;
  for (const Edge& edge : graph.edges) pairs.emplace_back(edge.a, edge.b);
  return pairs;
}

using Pairs = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

TEST(Topology, NamesAndAliasesParse) {
  for (const TopologyKind kind : kAllTopologies) {
    EXPECT_EQ(parse_topology(name_of(kind)), kind);
    EXPECT_THAT(topology_names(), HasSubstr(std::string(name_of(kind))));
  }
  EXPECT_EQ(parse_topology("er"), TopologyKind::erdos_renyi);
  EXPECT_EQ(parse_topology("ba"), TopologyKind::barabasi_albert);
  EXPECT_EQ(parse_topology("ws"), TopologyKind::watts_strogatz);
  EXPECT_EQ(parse_topology("random-tree"), TopologyKind::random_tree);
  EXPECT_EQ(parse_topology("geometric"), TopologyKind::random_geometric);
  EXPECT_EQ(parse_topology(""), std::nullopt);
  EXPECT_EQ(parse_topology("torus"), std::nullopt);
}

// The same graph on every machine and in every build: one that differs breaks every seed there is.
TEST(Topology, GraphOfASeedNeverChanges) {
  const std::map<TopologyKind, std::uint64_t> expected{
      {TopologyKind::line, 0x155e90fc9ffd9cf2},
      {TopologyKind::ring, 0x7fdb7e7abf892562},
      {TopologyKind::grid, 0x481345821e735312},
      {TopologyKind::random_tree, 0x88714f3384ae78a8},
      {TopologyKind::erdos_renyi, 0x8d04a256d217df48},
      {TopologyKind::barabasi_albert, 0x3e3683c8a2afa168},
      {TopologyKind::watts_strogatz, 0x76a8b5711de8e6e0},
      {TopologyKind::random_geometric, 0xe49b7ebc48e457d},
      {TopologyKind::internet, 0x650e96c06fc90eb}};
  for (const TopologyKind kind : kAllTopologies) {
    TopologyOptions options = of(kind, 300);
    options.latency_per_km = std::chrono::microseconds(5);
    EXPECT_EQ(hash_of(make(options, 2026)), expected.at(kind))
        << name_of(kind) << std::hex << " 0x" << hash_of(make(options, 2026));
  }
}

TEST(Topology, OtherSeedsGiveOtherGraphs) {
  for (const TopologyKind kind : kAllTopologies) {
    const bool is_regular =
        kind == TopologyKind::line || kind == TopologyKind::ring || kind == TopologyKind::grid;
    EXPECT_EQ(make(of(kind, 100), 1) == make(of(kind, 100), 2), is_regular) << name_of(kind);
  }
}

RC_GTEST_PROP(Topology, IsNormalAndConnected, (std::uint64_t seed)) {
  for (const TopologyKind kind : kAllTopologies) {
    const auto nodes = *rc::gen::inRange<std::size_t>(8, 60);
    Prng prng(seed);
    const auto graph = generate(of(kind, nodes), prng);
    RC_ASSERT(graph.has_value());
    RC_ASSERT(graph->nodes == nodes);
    RC_ASSERT(is_normal(*graph));
    RC_ASSERT(components(*graph).count() == 1u);
  }
}

TEST(Topology, RefusesWhatIsImpossible) {
  EXPECT_EQ(error_of(of(TopologyKind::ring, 2)), "ring needs at least 3 nodes, got 2");
  EXPECT_EQ(error_of(of(TopologyKind::line, 0)), "line needs at least 1 node, got 0");
  EXPECT_THAT(error_of(of(TopologyKind::line, kMaxNodes + 1)), HasSubstr("at most 10000000 nodes"));
  EXPECT_EQ(error_of(of(TopologyKind::erdos_renyi, 6)),
            "erdos-renyi: 6 nodes can have a mean degree of at most 5, got 6");
  EXPECT_EQ(error_of(of(TopologyKind::barabasi_albert, 2)),
            "barabasi-albert with 2 links a newcomer needs at least 3 nodes, got 2");
  EXPECT_EQ(error_of(of(TopologyKind::watts_strogatz, 4)),
            "watts-strogatz with 4 neighbours needs at least 5 nodes, got 4");
  EXPECT_EQ(error_of(of(TopologyKind::internet, 7)), "internet needs at least 8 nodes, got 7");

  TopologyOptions options = of(TopologyKind::watts_strogatz, 10);
  options.neighbours = 3;
  EXPECT_THAT(error_of(options), HasSubstr("an even number of neighbours"));
  options = of(TopologyKind::watts_strogatz, 10);
  options.rewire_ppm = 1'000'001;
  EXPECT_THAT(error_of(options), HasSubstr("more than all links"));
  options = of(TopologyKind::barabasi_albert, 10);
  options.links = 0;
  EXPECT_THAT(error_of(options), HasSubstr("at least 1 link"));
  options = of(TopologyKind::grid, 10);
  options.columns = 11;
  EXPECT_THAT(error_of(options), HasSubstr("grid of 11 columns"));
  options = of(TopologyKind::internet, 20);
  options.core = 15;
  options.regions = 10;
  EXPECT_THAT(error_of(options), HasSubstr("needs more nodes than 20"));
  options = of(TopologyKind::random_geometric, 20);
  options.range_mm = 0;
  EXPECT_THAT(error_of(options), HasSubstr("range above 0"));
  options = of(TopologyKind::random_geometric, 20);
  options.degree_permille = 0;
  EXPECT_THAT(error_of(options), HasSubstr("mean degree above 0"));
}

TEST(Topology, RefusesTooManyLinksBeforeItMakesThem) {
  TopologyOptions options = of(TopologyKind::erdos_renyi, 1'000'000);
  options.degree_permille = 100'000;
  EXPECT_THAT(error_of(options), HasSubstr("50000000 links, at most 10000000"));
  options = of(TopologyKind::random_geometric, 100'000);
  options.area_mm = 1000;
  options.range_mm = 1000;
  EXPECT_THAT(error_of(options), HasSubstr("more than 10000000 links"));
  options = of(TopologyKind::barabasi_albert, 1'000'000);
  options.links = 20;
  EXPECT_THAT(error_of(options), HasSubstr("links, at most"));
}

TEST(Line, LinksNeighbours) {
  EXPECT_EQ(pairs_of(make(of(TopologyKind::line, 4))), (Pairs{{0, 1}, {1, 2}, {2, 3}}));
  EXPECT_TRUE(make(of(TopologyKind::line, 1)).edges.empty());
}

TEST(Ring, ClosesTheLine) {
  EXPECT_EQ(pairs_of(make(of(TopologyKind::ring, 4))), (Pairs{{0, 1}, {0, 3}, {1, 2}, {2, 3}}));
}

TEST(Grid, LinksRowsAndColumns) {
  EXPECT_EQ(make(of(TopologyKind::grid, 100)).edges.size(), 180u);
  EXPECT_EQ(describe(make(of(TopologyKind::grid, 100))).diameter, 18u);
  // The last row is short: 0 1 2 / 3 4
  EXPECT_EQ(pairs_of(make(of(TopologyKind::grid, 5))),
            (Pairs{{0, 1}, {0, 3}, {1, 2}, {1, 4}, {3, 4}}));
  TopologyOptions options = of(TopologyKind::grid, 6);
  options.columns = 2;
  EXPECT_EQ(pairs_of(make(options)),
            (Pairs{{0, 1}, {0, 2}, {1, 3}, {2, 3}, {2, 4}, {3, 5}, {4, 5}}));
  EXPECT_TRUE(make(of(TopologyKind::grid, 1)).edges.empty());
}

TEST(RandomTree, IsATree) {
  for (std::size_t nodes = 1; nodes < 40; ++nodes) {
    const Graph graph = make(of(TopologyKind::random_tree, nodes), nodes);
    EXPECT_EQ(graph.edges.size(), nodes - 1);
    EXPECT_EQ(components(graph).count(), 1u);
  }
}

TEST(RandomTree, IsEachOfTheSixteenTreesOfFourNodesEquallyOften) {
  std::map<Pairs, int> count;
  Prng prng(5);
  for (int i = 0; i < 16'000; ++i) {
    ++count[pairs_of(generate(of(TopologyKind::random_tree, 4), prng).value())];
  }
  EXPECT_EQ(count.size(), 16u);
  for (const auto& [tree, n] : count) EXPECT_NEAR(n, 1000, 160);
}

TEST(ErdosRenyi, HasTheLinksThatItsDegreeAsksFor) {
  TopologyOptions options = of(TopologyKind::erdos_renyi, 1000);
  options.connected = false;
  EXPECT_EQ(make(options).edges.size(), 3000u);
  options.degree_permille = 1500;
  const Graph sparse = make(options);
  EXPECT_EQ(sparse.edges.size(), 750u);
  EXPECT_GT(components(sparse).count(), 1u);
  options.nodes = 20;
  options.degree_permille = 18'000;  // drawn as the links that are missing
  EXPECT_EQ(make(options).edges.size(), 180u);
  options.degree_permille = 19'000;
  EXPECT_EQ(make(options).edges.size(), 190u);
}

TEST(ErdosRenyi, HasEveryLinkEquallyOften) {
  for (const std::uint64_t degree : {1200u, 3200u}) {  // 3 of 10 links drawn, and 2 left out
    TopologyOptions options = of(TopologyKind::erdos_renyi, 5);
    options.degree_permille = degree;
    options.connected = false;
    std::map<std::pair<std::uint32_t, std::uint32_t>, int> count;
    Prng prng(6);
    std::size_t links = 0;
    const int graphs = 10'000;
    for (int i = 0; i < graphs; ++i) {
      const auto pairs = pairs_of(generate(options, prng).value());
      links = pairs.size();
      for (const auto& pair : pairs) ++count[pair];
    }
    EXPECT_EQ(count.size(), 10u);
    const double expected = graphs * static_cast<double>(links) / 10;
    for (const auto& [pair, n] : count) EXPECT_NEAR(n, expected, 250);
  }
}

TEST(BarabasiAlbert, GrowsFromACliqueAndMakesHubs) {
  TopologyOptions options = of(TopologyKind::barabasi_albert, 2000);
  options.links = 3;
  const Graph graph = make(options);
  EXPECT_EQ(graph.edges.size(), 6u + 1996u * 3u);
  const GraphDescription it = describe(graph);
  EXPECT_EQ(it.degree_min, 3u);
  // About m · sqrt(n) = 134 is what preference gives; without it, about 20.
  EXPECT_GT(it.degree_max, 60u);
  // In the limit 2 / (m + 2) of all nodes have no more links than they came with.
  EXPECT_NEAR(static_cast<double>(it.degree_histogram.at(3)) / 2000, 0.4, 0.05);
}

TEST(WattsStrogatz, IsARingLatticeUntilItIsRewired) {
  TopologyOptions options = of(TopologyKind::watts_strogatz, 12);
  options.rewire_ppm = 0;
  const GraphDescription lattice = describe(make(options));
  EXPECT_EQ(lattice.edges, 24u);
  EXPECT_EQ(lattice.degree_min, 4u);
  EXPECT_EQ(lattice.degree_max, 4u);
  EXPECT_DOUBLE_EQ(lattice.clustering, 0.5);
  EXPECT_EQ(lattice.diameter, 3u);
}

TEST(WattsStrogatz, RewiresItsShareAndKeepsTheNumberOfLinks) {
  TopologyOptions options = of(TopologyKind::watts_strogatz, 2000);
  options.connected = false;
  const auto lattice_links = [&](std::uint32_t ppm) {
    options.rewire_ppm = ppm;
    const Graph graph = make(options);
    EXPECT_EQ(graph.edges.size(), 4000u);
    return std::ranges::count_if(graph.edges, [](const Edge& edge) {
      const std::uint32_t steps = std::min(edge.b - edge.a, 2000 - (edge.b - edge.a));
      return steps <= 2;
    });
  };
  EXPECT_NEAR(static_cast<double>(lattice_links(100'000)), 3600, 90);
  EXPECT_NEAR(static_cast<double>(lattice_links(1'000'000)), 0, 40);
}

TEST(WattsStrogatz, OfACompleteGraphHasNothingToRewire) {
  TopologyOptions options = of(TopologyKind::watts_strogatz, 5);
  options.rewire_ppm = 1'000'000;
  EXPECT_EQ(make(options).edges.size(), 10u);
}

TEST(RandomGeometric, LinksExactlyWhatIsInRange) {
  TopologyOptions options = of(TopologyKind::random_geometric, 200);
  options.area_mm = 1'000'000;
  options.range_mm = 120'000;
  options.connected = false;
  const Graph graph = make(options);
  ASSERT_EQ(graph.positions.size(), 200u);
  Pairs expected;
  for (std::uint32_t a = 0; a < 200; ++a) {
    EXPECT_GE(std::min(graph.positions[a].x_mm, graph.positions[a].y_mm), 0);
    EXPECT_LE(std::max(graph.positions[a].x_mm, graph.positions[a].y_mm), 1'000'000);
    for (std::uint32_t b = a + 1; b < 200; ++b) {
      const double dx = static_cast<double>(graph.positions[a].x_mm - graph.positions[b].x_mm);
      const double dy = static_cast<double>(graph.positions[a].y_mm - graph.positions[b].y_mm);
      if (dx * dx + dy * dy <= 120'000.0 * 120'000.0) expected.emplace_back(a, b);
    }
  }
  EXPECT_EQ(pairs_of(graph), expected);
  EXPECT_FALSE(graph.edges.front().latency);
}

TEST(RandomGeometric, ChoosesAreaOrRangeByTheDegree) {
  TopologyOptions options = of(TopologyKind::random_geometric, 5000);
  options.connected = false;
  options.degree_permille = 8000;
  EXPECT_NEAR(describe(make(options)).degree_mean, 7.8, 0.3);  // fewer at the border
  options.area_mm = 5'000'000;
  EXPECT_NEAR(describe(make(options)).degree_mean, 7.8, 0.3);
  options.area_mm.reset();
  options.range_mm = 7;
  EXPECT_NEAR(describe(make(options)).degree_mean, 7.8, 0.6);
}

TEST(RandomGeometric, GivesLatencyByDistance) {
  TopologyOptions options = of(TopologyKind::random_geometric, 100);
  options.latency_per_km = std::chrono::milliseconds(1);
  const Graph graph = make(options);
  for (const Edge& edge : graph.edges) {
    ASSERT_TRUE(edge.latency);
    // 1 ms a km is 1 ns a mm.
    const auto mm = distance_mm(graph.positions[edge.a], graph.positions[edge.b]);
    EXPECT_EQ(static_cast<std::uint64_t>(edge.latency->count()), std::max<std::uint64_t>(mm, 1));
  }
}

TEST(RandomGeometric, OfNodesAllInOnePlaceIsComplete) {
  TopologyOptions options = of(TopologyKind::random_geometric, 30);
  options.area_mm = 1;
  options.range_mm = 2;
  EXPECT_EQ(make(options).edges.size(), 30u * 29u / 2u);
}

TEST(Internet, HasACoreRegionsAndLeaves) {
  TopologyOptions options = of(TopologyKind::internet, 1000);
  options.core = 10;
  options.regions = 50;
  const Graph graph = make(options);
  const Adjacency adjacency(graph);
  for (std::uint32_t a = 0; a < 10; ++a) {  // a full mesh
    EXPECT_TRUE(std::ranges::all_of(adjacency.of(a).first(9),
                                    [](const Neighbour& next) { return next.node < 10; }));
  }
  for (std::uint32_t region = 10; region < 60; ++region) {
    const auto into_core = std::ranges::count_if(
        adjacency.of(region), [](const Neighbour& next) { return next.node < 10; });
    EXPECT_GE(into_core, 2);
    EXPECT_LE(into_core, 3);
  }
  std::size_t multi_homed = 0;
  for (std::uint32_t leaf = 60; leaf < 1000; ++leaf) {
    multi_homed += adjacency.degree(leaf) == 2 ? 1 : 0;
    for (const Neighbour& next : adjacency.of(leaf)) {
      EXPECT_TRUE(next.node >= 10 && next.node < 60);
      EXPECT_LE(graph.edges[next.edge].latency, std::chrono::milliseconds(6));
    }
  }
  EXPECT_NEAR(static_cast<double>(multi_homed), 188, 60);
  // The most popular region has more leaves than its share of 19.
  EXPECT_GT(adjacency.degree(10), 100u);
  for (const Edge& edge : graph.edges) {
    ASSERT_TRUE(edge.latency);
    if (edge.b < 10) {
      EXPECT_GE(edge.latency, std::chrono::milliseconds(15));
    }
  }
}

TEST(Internet, OfALargeCoreIsNoFullMesh) {
  TopologyOptions options = of(TopologyKind::internet, 200);
  options.core = 40;
  const Graph graph = make(options);
  const auto in_core =
      std::ranges::count_if(graph.edges, [](const Edge& edge) { return edge.b < 40; });
  EXPECT_GE(in_core, 40 * 3);
  EXPECT_LE(in_core, 40 * 4);
}

TEST(Topology, OfAHundredThousandNodesHasRightSize) {
  EXPECT_EQ(make(of(TopologyKind::barabasi_albert, 100'000)).edges.size(), 199'997u);
  EXPECT_EQ(make(of(TopologyKind::random_tree, 100'000)).edges.size(), 99'999u);
  TopologyOptions options = of(TopologyKind::random_geometric, 100'000);
  options.degree_permille = 1000;  // far below what connects it
  EXPECT_EQ(components(make(options)).count(), 1u);
}

}  // namespace
}  // namespace thicket::sim
