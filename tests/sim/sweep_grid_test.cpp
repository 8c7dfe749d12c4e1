#include "sim/sweep_grid.hpp"

#include <gtest/gtest.h>

namespace thicket::sim {
namespace {

TEST(SweepGrid, CombinesAllValuesWithAllSeeds) {
  const auto points =
      sweep_points({{"topology.nodes", "100,200"}, {"links.loss", "0,0.1"}}, {1, 2});
  ASSERT_TRUE(points);
  ASSERT_EQ(points->size(), 8U);
  EXPECT_EQ(points->front().name, "topology.nodes=100_links.loss=0_seed=1");
  EXPECT_EQ(points->front().group, "topology.nodes=100 links.loss=0");
  EXPECT_EQ(points->at(1).name, "topology.nodes=100_links.loss=0_seed=2");
  EXPECT_EQ(points->back().overrides,
            (Overrides{{"topology.nodes", "200"}, {"links.loss", "0.1"}, {"seed", "2"}}));
}

TEST(SweepGrid, KeepsListsAndNamesApart) {
  const auto points = sweep_points({{"links.latency_ms", "[1,5],[2,9]"}, {"name", "a/b,a:b"}}, {});
  ASSERT_TRUE(points);
  ASSERT_EQ(points->size(), 4U);
  EXPECT_EQ(points->at(0).overrides[0].second, "[1,5]");
  EXPECT_EQ(points->at(0).name, "links.latency_ms=-1-5-_name=a-b");
  EXPECT_EQ(points->at(1).name, "links.latency_ms=-1-5-_name=a-b_2");
}

TEST(SweepGrid, RefusesWhatIsSetTwice) {
  EXPECT_EQ(sweep_points({{"a", "1"}, {"a", "2"}}, {}).error(), "--set: \"a\" is set twice");
  EXPECT_EQ(sweep_points({{"seed", "1"}}, {1}).error(),
            "--set: \"seed\" is set twice or with --seeds");
}

TEST(SweepGrid, ReadsSeeds) {
  EXPECT_EQ(parse_seeds("1..3,7").value(), (std::vector<std::uint64_t>{1, 2, 3, 7}));
  EXPECT_TRUE(parse_seeds("").value().empty());
  for (const char* bad : {"x", "3..1", "1,1", "1..", "-1", "0..99999999999"}) {
    EXPECT_FALSE(parse_seeds(bad)) << bad;
  }
}

TEST(SweepGrid, QuotesForTheShell) {
  EXPECT_EQ(shell_quoted("a/b=1"), "a/b=1");
  EXPECT_EQ(shell_quoted("a b"), "'a b'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quoted(""), "''");
}

}  // namespace
}  // namespace thicket::sim
