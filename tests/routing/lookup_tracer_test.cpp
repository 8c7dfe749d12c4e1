#include "routing/lookup_tracer.hpp"

#include <gtest/gtest.h>

#include "crypto/address.hpp"
#include "routing/network.hpp"

// Lookups that are explained, through whole routers.
namespace thicket::routing::test {
namespace {

using namespace std::chrono_literals;

/// A line of nodes; `capable`: each knows that its neighbours take part in the DHT.
void make_line(Network& network, std::size_t count, bool capable) {
  for (std::size_t i = 0; i < count; ++i) network.add_node();
  for (std::size_t i = 1; i < count; ++i) network.link(i - 1, i, 5ms);
  for (std::size_t i = 1; capable && i < count; ++i) network.take_part(i - 1, i);
  network.run_for(20s);
}

std::unique_ptr<LookupTrace> traced(Network& network, std::size_t at, const PublicKey& asked) {
  network.traces.clear();
  const auto id = network.trace_lookup(at, asked);
  EXPECT_TRUE(id);
  const auto ended = network.run_until([&] { return !network.traces.empty(); }, 5s);
  EXPECT_TRUE(ended) << "it must end in time";
  if (!ended) return std::make_unique<LookupTrace>();
  EXPECT_EQ(network.traces.front().id, *id);
  network.run_for(1ms);
  EXPECT_EQ(network.traces.size(), 1U);
  return std::move(network.traces.front().trace);
}

TEST(LookupTracer, TheFiltersFindWhoIsNotInTheDht) {
  Network network(1);
  make_line(network, 5, false);
  const PublicKey last = network.router(4).public_key();
  const auto trace = traced(network, 0, partial_key(Address::of(last)));
  EXPECT_EQ(way_of(*trace), LookupWay::filters);
  EXPECT_EQ(found_by(*trace)->key, last);
  EXPECT_EQ(found_by(*trace)->coords, encode_path(network.router(4).coordinates()));
  EXPECT_EQ(trace->filters.peers_asked, 1U);
  EXPECT_EQ(trace->filters.took, 40ms) << "four links there and back";
  EXPECT_EQ(trace->walk.end, dht::WalkEnd::nobody);
  EXPECT_FALSE(trace->known);
  EXPECT_TRUE(network.router(0).paths().empty()) << "nothing is kept of it";
}

TEST(LookupTracer, BothWaysAreShown) {
  Network network(2);
  make_line(network, 6, true);
  const PublicKey last = network.router(5).public_key();
  const auto trace = traced(network, 0, last);
  EXPECT_EQ(way_of(*trace), LookupWay::dht);
  EXPECT_EQ(trace->walk.end, dht::WalkEnd::found);
  EXPECT_EQ(trace->walk.record->key, last);
  ASSERT_GE(trace->walk.steps.size(), 2U);
  EXPECT_EQ(trace->walk.steps.front().key, network.router(0).public_key());
  EXPECT_EQ(trace->walk.steps.back().answer, dht::StepAnswer::holds);
  ASSERT_TRUE(trace->filters.answer);
  EXPECT_EQ(trace->filters.answer->key, last);
  EXPECT_EQ(trace->filters.took, 50ms);
}

TEST(LookupTracer, APathThatIsKnownIsShown) {
  Network network(3);
  make_line(network, 4, false);
  network.send(0, 3, {1});
  network.run_for(1s);
  const auto trace = traced(network, 0, network.router(3).public_key());
  EXPECT_EQ(way_of(*trace), LookupWay::known);
  EXPECT_EQ(trace->known->coords, encode_path(network.router(3).coordinates()));
  EXPECT_TRUE(trace->filters.answer) << "the other ways are asked too";
}

TEST(LookupTracer, WhoIsNotThereIsNotFound) {
  Network network(4);
  make_line(network, 4, true);
  const auto trace = traced(network, 1, KeyPair::generate(network.random()).public_key());
  EXPECT_EQ(way_of(*trace), LookupWay::none);
  EXPECT_FALSE(found_by(*trace));
  EXPECT_EQ(trace->walk.end, dht::WalkEnd::not_found);
}

TEST(LookupTracer, ANodeFindsItself) {
  Network network(5);
  make_line(network, 2, false);
  const auto trace = traced(network, 1, network.router(1).public_key());
  EXPECT_EQ(way_of(*trace), LookupWay::own);
  EXPECT_EQ(found_by(*trace)->coords, encode_path(network.router(1).coordinates()));
}

TEST(LookupTracer, AnAnswerThatNeverComesIsNotAwaitedForLong) {
  Network network(6);
  make_line(network, 3, true);
  const PublicKey last = network.router(2).public_key();
  network.stall(1);  // nobody is told
  const Instant before = network.now().steady;
  const auto trace = traced(network, 0, last);
  EXPECT_LE(network.now().steady - before, 5s);
  EXPECT_FALSE(trace->filters.answer);
  EXPECT_EQ(trace->filters.peers_asked, 1U);
  EXPECT_NE(trace->walk.end, dht::WalkEnd::found);
}

TEST(LookupTracer, FewAtOnce) {
  Network network(7);
  make_line(network, 3, true);
  network.stall(1);
  const PublicKey last = network.router(2).public_key();
  std::size_t begun = 0;
  for (std::size_t i = 0; i < 3 * dht::limits::kWalks; ++i) {
    begun += network.trace_lookup(0, last).has_value();
  }
  EXPECT_EQ(begun, dht::limits::kWalks);
  network.run_for(5s);
  EXPECT_EQ(network.traces.size(), dht::limits::kWalks);
  EXPECT_TRUE(network.trace_lookup(0, last));
}

}  // namespace
}  // namespace thicket::routing::test
