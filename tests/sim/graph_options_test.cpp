#include "sim/graph_options.hpp"

#include <gtest/gtest.h>

#include <cxxopts.hpp>
#include <vector>

namespace thicket::sim {
namespace {

Result<GraphOptions, std::string> parse(std::vector<const char*> words) {
  cxxopts::Options options("test");
  add_graph_options(options);
  words.insert(words.begin(), "test");
  return graph_options_of(options.parse(static_cast<int>(words.size()), words.data()));
}

std::string error_of(std::vector<const char*> words) {
  const auto options = parse(std::move(words));
  return options ? "none" : options.error();
}

TEST(GraphOptions, ReadEveryTopologyOption) {
  const auto er =
      parse({"--topology", "er", "--nodes", "50", "--degree", "4.5", "--not-connected"});
  ASSERT_TRUE(er) << er.error();
  EXPECT_TRUE(er->given());
  EXPECT_EQ(er->topology->kind, TopologyKind::erdos_renyi);
  EXPECT_EQ(er->topology->nodes, 50u);
  EXPECT_EQ(er->topology->degree_permille, 4500u);
  EXPECT_FALSE(er->topology->connected);
  EXPECT_FALSE(er->largest_component);

  const auto geometric =
      parse({"--topology", "geometric", "--area", "1000", "--range", "12.5", "--latency-per-km",
             "5us", "--largest-component", "--latency", "2"});
  ASSERT_TRUE(geometric) << geometric.error();
  EXPECT_EQ(geometric->topology->area_mm, 1'000'000);
  EXPECT_EQ(geometric->topology->range_mm, 12'500);
  EXPECT_EQ(geometric->topology->latency_per_km, std::chrono::microseconds(5));
  EXPECT_TRUE(geometric->topology->connected);
  EXPECT_TRUE(geometric->largest_component);
  EXPECT_EQ(geometric->latency, std::chrono::milliseconds(2));

  EXPECT_EQ(parse({"--topology", "grid", "--columns", "7"})->topology->columns, 7u);
  EXPECT_EQ(parse({"--topology", "ba", "--links", "5"})->topology->links, 5u);
  const auto ws = parse({"--topology", "ws", "--neighbours", "6", "--rewire", "0.05"});
  EXPECT_EQ(ws->topology->neighbours, 6u);
  EXPECT_EQ(ws->topology->rewire_ppm, 50'000u);
  const auto internet = parse({"--topology", "internet", "--core", "4", "--regions", "9"});
  EXPECT_EQ(internet->topology->core, 4u);
  EXPECT_EQ(internet->topology->regions, 9u);
}

TEST(GraphOptions, NeedNotBeGiven) {
  const auto none = parse({});
  ASSERT_TRUE(none);
  EXPECT_FALSE(none->given());
  EXPECT_EQ(parse({"--graph", "x.edges"})->file, "x.edges");
}

TEST(GraphOptions, SayWhatIsWrong) {
  EXPECT_EQ(error_of({"--graph", "x", "--topology", "ring"}),
            "--graph and --topology exclude each other");
  EXPECT_EQ(error_of({"--topology", "torus"}),
            "--topology: found \"torus\", expected one of line, ring, grid, random-tree, "
            "erdos-renyi, barabasi-albert, watts-strogatz, geometric, internet");
  EXPECT_EQ(error_of({"--topology", "ring", "--links", "3"}),
            "--links does not go with --topology ring");
  EXPECT_EQ(error_of({"--nodes", "3"}), "--nodes needs --topology KIND");
  EXPECT_EQ(error_of({"--graph", "x", "--rewire", "1"}), "--rewire needs --topology KIND");
  EXPECT_EQ(error_of({"--topology", "ring", "--nodes", "3x"}),
            "--nodes: found \"3x\", expected a whole number from 1 to 10000000");
  EXPECT_EQ(error_of({"--topology", "ws", "--rewire", "1.1"}),
            "--rewire: found \"1.1\", expected a number from 0 to 1 with at most 6 decimals");
  EXPECT_EQ(error_of({"--topology", "er", "--degree", "-3"}),
            "--degree: found \"-3\", expected a number with at most 3 decimals");
  EXPECT_EQ(error_of({"--topology", "geometric", "--area", "0"}),
            "--area: found \"0\", expected metres above 0");
  EXPECT_EQ(error_of({"--graph", "x", "--latency", "0"}),
            "--latency: found \"0\", expected a time above 0, such as 20ms");
}

TEST(GraphOptions, MakeTheGraphWithItsLatencies) {
  auto options = parse({"--topology", "ring", "--nodes", "3", "--latency", "20ms"});
  ASSERT_TRUE(options);
  const auto graph = make_graph(*options, 1);
  ASSERT_TRUE(graph) << graph.error();
  EXPECT_EQ(graph->edges.size(), 3u);
  for (const Edge& edge : graph->edges) EXPECT_EQ(edge.latency, std::chrono::milliseconds(20));
  options->topology->nodes = 2;
  EXPECT_EQ(make_graph(*options, 1).error(), "ring needs at least 3 nodes, got 2");
}

TEST(GraphOptions, MakeTheLargestComponent) {
  auto options = parse({"--topology", "er", "--degree", "1", "--nodes", "200", "--not-connected",
                        "--largest-component"});
  ASSERT_TRUE(options);
  const auto graph = make_graph(*options, 1);
  EXPECT_LT(graph->nodes, 200u);
  EXPECT_GT(graph->nodes, 3u);
  EXPECT_NE(*graph, *make_graph(*options, 2));
  EXPECT_EQ(*graph, *make_graph(*options, 1));
}

TEST(ParseDuration, KnowsItsUnits) {
  EXPECT_EQ(parse_duration("20"), std::chrono::milliseconds(20));
  EXPECT_EQ(parse_duration("0.5ms"), std::chrono::microseconds(500));
  EXPECT_EQ(parse_duration("1.5s"), std::chrono::milliseconds(1500));
  EXPECT_EQ(parse_duration("250us"), std::chrono::microseconds(250));
  EXPECT_EQ(parse_duration("7ns"), Duration(7));
  EXPECT_EQ(parse_duration("86400s"), std::chrono::hours(24));
  for (const char* bad : {"", "s", "1m", "-1s", "1.5ns", "1 s", "86400.1s", "99999999999999s"}) {
    EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace thicket::sim
