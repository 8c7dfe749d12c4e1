#include "sim/graph_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>

#include "sim/number_text.hpp"
#include "sim/random_graph.hpp"

namespace thicket::sim {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr auto kNone = std::nullopt;

std::string error_of(std::string_view text) {
  const auto graph = parse_graph(text, "net");
  return graph ? "none" : graph.error();
}

TEST(NumberText, ReadsWholeNumbersAndDecimals) {
  EXPECT_EQ(parse_number("18446744073709551615"), 18446744073709551615u);
  for (const char* bad : {"", "-1", "+1", "1 ", "1.0", "0x1", "18446744073709551616"}) {
    EXPECT_EQ(parse_number(bad), kNone) << bad;
  }
  EXPECT_EQ(parse_decimal("12.5", 3), 12'500);
  EXPECT_EQ(parse_decimal("7", 0), 7);
  EXPECT_EQ(parse_decimal("0.000001", 6), 1);
  EXPECT_EQ(parse_decimal("9223372036.854775807", 9), INT64_MAX);
  for (const char* bad :
       {"", ".5", "1.", "1.2345", "1..2", "-1", "1.-2", "1e3", "9223372036854775.808"}) {
    EXPECT_EQ(parse_decimal(bad, 3), kNone) << bad;
  }
  EXPECT_EQ(parse_decimal("1.0", 0), kNone);
}

RC_GTEST_PROP(NumberText, WritesDecimalsThatItReads, ()) {
  const auto value = *rc::gen::arbitrary<std::int64_t>();
  const auto decimals = *rc::gen::inRange(0, 10);
  const std::string text = format_decimal(value, decimals);
  RC_ASSERT(text.starts_with('-') == (value < 0));
  if (value >= 0) RC_ASSERT(parse_decimal(text, decimals) == value);
}

TEST(EdgeList, ReadsTheFormatOfItsDescription) {
  const auto graph = parse_graph("# a map\n\n3 2  # counts\r\n2\t1 12.5\n 0 2\n", "net");
  ASSERT_TRUE(graph) << graph.error();
  EXPECT_EQ(*graph, (Graph{3, {{0, 2, kNone}, {1, 2, std::chrono::microseconds(12'500)}}, {}}));
}

TEST(EdgeList, NumbersForeignLabelsInTheirOrderAndLonelyNodesLast) {
  EXPECT_EQ(*parse_graph("4 2\n100 7\n7 18446744073709551615\n", "net"),
            (Graph{4, {{0, 1, kNone}, {0, 2, kNone}}, {}}));
  EXPECT_EQ(*parse_graph("3 2\n1 2\n2 3\n", "net"), (Graph{3, {{0, 1, kNone}, {1, 2, kNone}}, {}}));
}

TEST(EdgeList, KeepsLabelsThatAreIndices) {
  EXPECT_EQ(*parse_graph("5 1\n2 4\n", "net"), (Graph{5, {{2, 4, kNone}}, {}}));
  EXPECT_EQ(*parse_graph("3 0\n", "net"), (Graph{3, {}, {}}));
}

TEST(EdgeList, SaysWhatIsWrongAndWhere) {
  EXPECT_EQ(error_of("# x\n3 2\n0 1\nx y\n"), "net:4: expected two node numbers, found 'x y'");
  EXPECT_EQ(error_of("3 2\n0 1\n1\n"), "net:3: expected two node numbers, found '1'");
  EXPECT_EQ(error_of("3 1\n0 -1\n"), "net:2: expected two node numbers, found '0 -1'");
  EXPECT_EQ(error_of("3 1\n0 1 2 3\n"),
            "net:2: expected two node numbers and a latency at most, found '0 1 2 3'");
  EXPECT_EQ(error_of("3 2\n0 1\n1 1\n"), "net:3: a link from node 1 to itself: remove it");
  EXPECT_EQ(error_of("3 2\n0 1\n1 0\n"),
            "net:3: the link between 0 and 1 is on line 2 already: remove one of them");
  EXPECT_EQ(error_of(""),
            "net:1: the file is empty: expected a line with the number of nodes and of links");
  EXPECT_EQ(error_of("nodes\n"),
            "net:1: expected the number of nodes and the number of links, found 'nodes'");
  EXPECT_THAT(error_of("3 1\n0 1 0\n"), StartsWith("net:2: expected a latency in milliseconds"));
  EXPECT_THAT(error_of("3 1\n0 1 3600000.1\n"), HasSubstr("up to 3600000, found '3600000.1'"));
  EXPECT_THAT(error_of("3 1\n0 1 0.0000001\n"), HasSubstr("expected a latency"));
  EXPECT_THAT(error_of("10000001 1\n"), StartsWith("net:1: expected at most 10000000 nodes"));
}

TEST(EdgeList, WithoutItsFirstLineOrEndIsRefused) {
  EXPECT_THAT(error_of("5 4\n5 6\n4 6\n"), StartsWith("net:1: expected 4 links after this line"));
  EXPECT_THAT(error_of("3 2\n0 1\n"), HasSubstr("found 1: correct it"));
  EXPECT_THAT(error_of("1 1\n0 1\n"), HasSubstr("expected at most 1 nodes"));
}

TEST(EdgeList, QuotesNothingLongOrUnprintable) {
  const std::string error = error_of("3 1\n\x1b[31m " + std::string(1000, 'x') + "\n");
  EXPECT_THAT(error, HasSubstr("'?[31m xxx"));
  EXPECT_LT(error.size(), 150u);
}

TEST(GraphJson, ReadsTheFormatOfMeshnetLab) {
  const auto graph = parse_graph(
      R"( {"nodes": [{"id": "b", "x": 1.5, "y": -2}, {"id": 7, "x": 0.0004, "y": 3e2, "name": "z"}],
           "links": [{"source": "7", "target": "b", "source_tq": 0.5, "latency_ms": 0.25}]})",
      "net");
  ASSERT_TRUE(graph) << graph.error();
  EXPECT_EQ(*graph,
            (Graph{2, {{0, 1, std::chrono::microseconds(250)}}, {{1500, -2000}, {0, 300'000}}}));
}

TEST(GraphJson, TakesNodesFromLinksAndBothDirectionsAsOne) {
  for (const char* nodes : {"", R"("nodes": [],)"}) {
    const auto graph = parse_graph(std::string("{") + nodes + R"("links": [
      {"source": 9, "target": 3}, {"source": 3, "target": 9}, {"source": 3, "target": "x"}]})",
                                   "net");
    ASSERT_TRUE(graph) << graph.error();
    EXPECT_EQ(*graph, (Graph{3, {{0, 1, kNone}, {1, 2, kNone}}, {}}));
  }
}

TEST(GraphJson, HasPositionsOnlyIfAllNodesHave) {
  const auto graph = parse_graph(
      R"({"nodes": [{"id": 1, "x": 1, "y": 1}, {"id": 2, "x": 1}], "links": []})", "net");
  ASSERT_TRUE(graph) << graph.error();
  EXPECT_EQ(*graph, (Graph{2, {}, {}}));
}

TEST(GraphJson, SaysWhatIsWrongAndWhere) {
  EXPECT_THAT(error_of("{\"nodes\": [],\n\"links\": [}\n"), StartsWith("net:2: expected JSON: "));
  EXPECT_THAT(error_of("{\"links\": [1e999]}"), StartsWith("net: expected JSON: "));
  EXPECT_EQ(error_of("{}"), "net: links: expected a list of links, found none");
  EXPECT_EQ(error_of(R"({"links": 5})"), "net: links: expected a list");
  EXPECT_EQ(error_of(R"({"nodes": {}, "links": []})"), "net: nodes: expected a list");
  EXPECT_EQ(error_of(R"({"links": [5]})"),
            "net: links[0]: expected an object with \"source\" and \"target\"");
  EXPECT_EQ(error_of(R"({"links": [{"source": 1}]})"),
            "net: links[0].target: expected the id of a node");
  EXPECT_EQ(error_of(R"({"nodes": [{"id": 1}], "links": [{"source": 1, "target": "q"}]})"),
            "net: links[0].target: \"q\" is not in the list of nodes: add it there");
  EXPECT_EQ(error_of(R"({"links": [{"source": 1, "target": "1"}]})"),
            "net: links[0]: a link from a node to itself: remove it");
  EXPECT_EQ(error_of(R"({"nodes": [{"id": 1}, {"id": "1"}], "links": []})"),
            "net: nodes[1].id: \"1\" is the id of another node, too");
  EXPECT_THAT(error_of(R"({"nodes": [{"id": 1.5}], "links": []})"),
              StartsWith("net: nodes[0].id: expected a string"));
  EXPECT_THAT(error_of(R"({"nodes": [{"id": ""}], "links": []})"), HasSubstr("nodes[0].id"));
  EXPECT_THAT(error_of(R"({"nodes": [3], "links": []})"),
              HasSubstr("nodes[0]: expected an object"));
  EXPECT_THAT(error_of(R"({"nodes": [{"id": 1, "x": "w"}], "links": []})"),
              HasSubstr("nodes[0].x"));
  EXPECT_THAT(error_of(R"({"nodes": [{"id": 1, "y": 1e300}], "links": []})"),
              HasSubstr("nodes[0].y: expected a number of metres within"));
  for (const char* latency : {"0", "-1", "3600001", "\"1\"", "null"}) {
    EXPECT_THAT(error_of(std::string(R"({"links": [{"source": 1, "target": 2, "latency_ms": )") +
                         latency + "}]}"),
                HasSubstr("links[0].latency_ms: expected milliseconds"))
        << latency;
  }
}

TEST(GraphJson, NestedDeeplyIsRefused) {
  const std::string deep =
      R"({"links": )" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  EXPECT_EQ(error_of(deep), "net: nests more than 32 levels deep");
}

RC_GTEST_PROP(GraphFile, SurvivesBothFormats, ()) {
  Graph graph = test::random_graph();
  for (Edge& edge : graph.edges) {
    if (edge.latency)
      edge.latency = Duration(*rc::gen::inRange<std::int64_t>(1, 3'600'000'000'001));
  }
  RC_ASSERT(parse_graph(to_text(graph, GraphFormat::edges), "again") == graph);
  if (*rc::gen::arbitrary<bool>()) {
    for (std::size_t i = 0; i < graph.nodes; ++i) {
      const auto coordinate =
          rc::gen::inRange<std::int64_t>(-kMaxCoordinateMm, kMaxCoordinateMm + 1);
      graph.positions.push_back({*coordinate, *coordinate});
    }
  }
  RC_ASSERT(parse_graph(to_text(graph, GraphFormat::json), "again") == graph);
}

TEST(GraphFile, IsReadFromDisk) {
  const auto path =
      std::filesystem::temp_directory_path() / ("thicket-graph-file-" + std::to_string(::getpid()));
  std::ofstream(path) << "2 1\n0 1\n";
  EXPECT_EQ(read_graph(path.string()), (Graph{2, {{0, 1, kNone}}, {}}));
  std::ofstream(path) << "2 1\n0 x\n";
  EXPECT_EQ(read_graph(path.string()).error(),
            path.string() + ":2: expected two node numbers, found '0 x'");
  std::filesystem::remove(path);
  EXPECT_EQ(read_graph(path.string()).error(),
            path.string() + ": cannot be opened: No such file or directory");
  EXPECT_THAT(read_graph("/").error(), StartsWith("/: cannot be "));
}

}  // namespace
}  // namespace thicket::sim
