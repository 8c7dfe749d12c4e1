#include "sim/figure.hpp"

#include <gtest/gtest.h>

#include "sim/chart_axis.hpp"
#include "sim/html.hpp"
#include "sim/report_topology.hpp"

namespace thicket::sim {
namespace {

TEST(Figure, IsReadable) {
  EXPECT_EQ(readable(12345, FigureUnit::count), "12,345");
  EXPECT_EQ(readable(0.984, FigureUnit::share), "98.4 %");
  EXPECT_EQ(readable(1, FigureUnit::share), "100 %");
  EXPECT_EQ(readable(0.99999, FigureUnit::share), "99.999 %");  // nearly all is not all
  EXPECT_EQ(readable(1250, FigureUnit::bytes), "1.25 kB");
  EXPECT_EQ(readable(999.7, FigureUnit::bytes_per_s), "1 kB/s");
  EXPECT_EQ(readable(125, FigureUnit::seconds), "2 min 5 s");
  EXPECT_EQ(readable(7260, FigureUnit::seconds), "2 h 1 min");
  EXPECT_EQ(readable(std::nullopt, FigureUnit::ratio), "-");
}

TEST(Figure, KnowsWhatKeysMean) {
  EXPECT_EQ(figure_kind("delivery").better, Better::higher);
  EXPECT_EQ(figure_kind("round_trip_ms_p95").title, "Round trip, 95th percentile");
  EXPECT_EQ(figure_kind("round_trip_ms_p95").unit, FigureUnit::milliseconds);
  EXPECT_EQ(figure_kind("round_trip_ms_count").unit, FigureUnit::count);
  EXPECT_EQ(figure_kind("pings_lost.node_down").title, "Pings lost: node_down");
  EXPECT_EQ(figure_kind("never_heard_of").title, "never_heard_of");
}

TEST(Figure, ReadsSummaries) {
  const auto figures = figures_of(R"({"a": 1.5, "b": {"c": "x"}, "d": null, "options": {"a": 1}})");
  ASSERT_TRUE(figures);
  ASSERT_EQ(figures->size(), 2U);
  EXPECT_EQ(figures->at(0).value, 1.5);
  EXPECT_EQ(figures->at(1).key, "b.c");
  EXPECT_EQ(figures->at(1).text, "x");
  EXPECT_FALSE(figures_of("[1]"));
  EXPECT_FALSE(figures_of("{"));
}

TEST(ChartAxis, HasRoundTicks) {
  const ChartAxis bytes = value_axis(4321, FigureUnit::bytes_per_s);
  EXPECT_EQ(bytes.unit, "kB/s");
  EXPECT_EQ(bytes.high, 5000);
  EXPECT_EQ(bytes.ticks.back().label, "5");
  const ChartAxis few = value_axis(2, FigureUnit::count);
  EXPECT_EQ(few.ticks.size(), 3U);  // no half things
  const ChartAxis time = time_axis(600);
  EXPECT_EQ(time.unit, "min");
  EXPECT_EQ(time.ticks.back().label, "10");
  EXPECT_EQ(value_axis(0, FigureUnit::ratio).high, 1);
}

TEST(Html, EscapesAllText) {
  EXPECT_EQ(html_escape("<a href='x'>&\"</a>"), "&lt;a href=&#39;x&#39;&gt;&amp;&quot;&lt;/a&gt;");
  EXPECT_EQ(html_escape("ä…"), "ä…");
  EXPECT_EQ(html_escape("\xC0\x80\x01z"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBDz");
  EXPECT_EQ(html_escape("\xE2\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST(LayOut, PutsTheRootInTheMiddleAndStaysWithin) {
  std::vector<DrawnNode> nodes(5);
  for (std::uint32_t i = 0; i < nodes.size(); ++i) nodes[i].index = i;
  nodes[0].root = true;
  nodes[1].parent = 0;
  nodes[2].parent = 1;
  nodes[3].parent = 4;  // a loop, as there may be for a moment
  nodes[4].parent = 3;
  const auto places = lay_out(nodes);
  EXPECT_DOUBLE_EQ(places[0].x, 0.5);
  EXPECT_DOUBLE_EQ(places[0].y, 0.5);
  for (const DrawnPlace& place : places) {
    EXPECT_GE(place.x, 0);
    EXPECT_LE(place.x, 1);
    EXPECT_GE(place.y, 0);
    EXPECT_LE(place.y, 1);
  }
  EXPECT_NE(places[3].x, places[4].x);
}

TEST(LayOut, KeepsPlaces) {
  std::vector<DrawnNode> nodes(2);
  nodes[0].x = 100;
  nodes[1].x = 300;
  nodes[1].y = 100;
  const auto places = lay_out(nodes);
  EXPECT_DOUBLE_EQ(places[0].x, 0);
  EXPECT_DOUBLE_EQ(places[1].x, 1);
  EXPECT_GT(places[0].y, places[1].y);  // north is up
}

}  // namespace
}  // namespace thicket::sim
