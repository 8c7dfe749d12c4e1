#include "sim/lookup_study.hpp"

#include <gtest/gtest.h>

#include "sim/topology.hpp"

namespace thicket::sim {
namespace {

using namespace std::chrono_literals;
using routing::LookupPolicy;

Graph line(std::uint32_t nodes) {
  Graph graph{nodes, {}, {}};
  for (std::uint32_t i = 1; i < nodes; ++i) graph.edges.push_back({i - 1, i, {}});
  return graph;
}

Graph star(std::uint32_t leaves) {
  Graph graph{leaves + 1, {}, {}};
  for (std::uint32_t i = 1; i <= leaves; ++i) graph.edges.push_back({0, i, {}});
  return graph;
}

Graph preferential(std::size_t nodes) {
  Prng random(5);
  TopologyOptions options;
  options.kind = TopologyKind::barabasi_albert;
  options.nodes = nodes;
  return generate(options, random).value();
}

LookupStudy quick(std::size_t lookups) {
  LookupStudy study;
  study.cryptography = CryptographyKind::fast;
  study.lookups = lookups;
  study.settle = 30s;
  study.idle = 10s;
  return study;
}

TEST(LookupStudyTest, FiltersOnALineOfFour) {
  // All 12 pairs: their distances add up to 20, each link is taken there and back.
  const auto figures = study_lookups(line(4), quick(12), LookupPolicy::bloom);
  ASSERT_TRUE(figures.has_value());
  EXPECT_EQ(figures->counted, 12U);
  EXPECT_EQ(figures->found, 12U);
  EXPECT_EQ(figures->current, 12U);
  EXPECT_DOUBLE_EQ(figures->success(), 1);
  EXPECT_DOUBLE_EQ(figures->transmissions.mean, 40.0 / 12);
  EXPECT_DOUBLE_EQ(figures->transmissions.max, 6);
  EXPECT_DOUBLE_EQ(figures->time_ms.max, 60);  // 10 ms a link
  EXPECT_EQ(figures->by_filters_alone, 12U);
  EXPECT_DOUBLE_EQ(figures->idle_dht_bytes_per_node_s, 0);
  EXPECT_DOUBLE_EQ(figures->table_entries_mean, 0);
}

TEST(LookupStudyTest, EverythingGoesThroughTheMiddleOfAStar) {
  const auto figures = study_lookups(star(4), quick(20), LookupPolicy::bloom);
  ASSERT_TRUE(figures.has_value());
  EXPECT_EQ(figures->found, 20U);
  EXPECT_DOUBLE_EQ(figures->transmissions.mean, 2 * (8 * 1 + 12 * 2) / 20.0);
  EXPECT_DOUBLE_EQ(figures->busiest_share, 1);
}

TEST(LookupStudyTest, InASmallNetworkTheDhtKnowsEveryoneBeforehand) {
  const auto figures = study_lookups(star(4), quick(20), LookupPolicy::dht);
  ASSERT_TRUE(figures.has_value());
  EXPECT_EQ(figures->found, 20U);
  EXPECT_EQ(figures->known, 20U);
  EXPECT_DOUBLE_EQ(figures->transmissions.mean, 0);
  EXPECT_DOUBLE_EQ(figures->table_entries_mean, 4);
  EXPECT_GT(figures->idle_dht_bytes_per_node_s, 0);
}

TEST(LookupStudyTest, MoreLookupsThanPairs) {
  const auto figures = study_lookups(line(2), quick(5), LookupPolicy::bloom);
  ASSERT_TRUE(figures.has_value());
  EXPECT_EQ(figures->asked, 2U);
  EXPECT_DOUBLE_EQ(figures->transmissions.mean, 2);
}

TEST(LookupStudyTest, NodesInDifferentPiecesAreNotAskedFor) {
  const Graph graph{4, {{0, 1, {}}, {2, 3, {}}}, {}};
  const auto figures = study_lookups(graph, quick(50), LookupPolicy::automatic);
  ASSERT_TRUE(figures.has_value());
  EXPECT_EQ(figures->asked, 4U);
  EXPECT_EQ(figures->found, 4U);
}

TEST(LookupStudyTest, BothAreAskedAtOnce) {
  const Graph graph = preferential(100);
  const auto both = study_lookups(graph, quick(100), LookupPolicy::both);
  const auto dht = study_lookups(graph, quick(100), LookupPolicy::dht);
  ASSERT_TRUE(both.has_value() && dht.has_value());
  EXPECT_EQ(both->by_dht_alone, 0U);
  EXPECT_EQ(dht->by_filters_alone, 0U);
  EXPECT_DOUBLE_EQ(dht->filter_transmissions_mean, 0);
  EXPECT_GT(both->transmissions.mean, dht->transmissions.mean);
  EXPECT_NEAR(dht->transmissions.mean, dht->find_transmissions_mean + dht->found_transmissions_mean,
              1e-9);
}

TEST(LookupStudyTest, TheSameStudyGivesTheSameFigures) {
  const Graph graph = preferential(60);
  LookupStudy study = quick(60);
  study.lifetime = 60s;
  study.hostile_ppm = 100'000;
  const auto once = study_lookups(graph, study, LookupPolicy::automatic);
  const auto again = study_lookups(graph, study, LookupPolicy::automatic);
  ASSERT_TRUE(once.has_value() && again.has_value());
  EXPECT_EQ(once->trace_hash, again->trace_hash);
  EXPECT_DOUBLE_EQ(once->transmissions.mean, again->transmissions.mean);
  study.seed = 2;
  const auto other = study_lookups(graph, study, LookupPolicy::automatic);
  ASSERT_TRUE(other.has_value());
  EXPECT_NE(once->trace_hash, other->trace_hash);
}

TEST(LookupStudyTest, HostileNodesHurtTheDhtAndNotTheFilters) {
  const Graph graph = preferential(150);
  LookupStudy study = quick(200);
  study.hostile_ppm = 500'000;
  const auto dht = study_lookups(graph, study, LookupPolicy::dht);
  const auto bloom = study_lookups(graph, study, LookupPolicy::bloom);
  ASSERT_TRUE(dht.has_value() && bloom.has_value());
  EXPECT_LT(dht->success(), 1);
  EXPECT_GT(dht->misses, 0U);
  EXPECT_GT(dht->retries, 0U);
  EXPECT_DOUBLE_EQ(bloom->success(), 1);
}

TEST(LookupStudyTest, UnderChurnOnlyWhatCouldBeFoundCounts) {
  const Graph graph = preferential(100);
  LookupStudy study = quick(300);
  study.lifetime = 40s;
  const auto figures = study_lookups(graph, study, LookupPolicy::bloom);
  ASSERT_TRUE(figures.has_value());
  EXPECT_EQ(figures->asked, 300U);
  EXPECT_LT(figures->counted, figures->asked);  // a lookup takes an eighth of a life
  EXPECT_GT(figures->counted, figures->asked / 2);
  EXPECT_GT(figures->success(), 0.8);
}

}  // namespace
}  // namespace thicket::sim
