#include <gtest/gtest.h>

#include "routing/agreement.hpp"
#include "routing/endpoint.hpp"
#include "routing/network.hpp"
#include "routing/peer_table.hpp"

namespace thicket::routing::test {
namespace {

using namespace std::chrono_literals;

/// A line of settled nodes; filters have arrived everywhere.
struct Line {
  explicit Line(std::size_t nodes, Policy policy = {}) : network(1, {policy}) {
    for (std::size_t i = 0; i < nodes; ++i) network.add_node();
    for (std::size_t i = 1; i < nodes; ++i) links.push_back(network.link(i - 1, i, 5ms));
    network.run_for(10s);
    EXPECT_EQ(disagreement(network), "");
  }
  const RouterCounters& counters(std::size_t node) { return network.router(node).counters(); }
  Network network;
  std::vector<std::size_t> links;
};

TEST(Counters, SignaturesAreCounted) {
  Network network(1);
  network.add_node();
  EXPECT_EQ(network.router(0).counters().signatures_made, 1U);  // its own record
  EXPECT_EQ(network.router(0).counters().signatures_checked, 0U);
  network.add_node();
  network.link(0, 1, 5ms);
  network.run_for(5s);
  for (const std::size_t node : {0U, 1U}) {
    EXPECT_GE(network.router(node).counters().signatures_made, 2U);
    EXPECT_GE(network.router(node).counters().signatures_checked, 2U);
  }
}

TEST(Counters, LookupsAndAnswersAreCounted) {
  Line line(3);
  line.network.send(0, 2, {1});
  line.network.run_for(1s);
  EXPECT_EQ(line.counters(0).lookups_started, 1U);
  EXPECT_EQ(line.counters(1).lookups_forwarded, 1U);
  EXPECT_EQ(line.counters(2).paths_told, 1U);
  EXPECT_EQ(line.counters(0).dropped.total(), 0U);
}

TEST(Counters, PacketsForWhichNoPathIsFoundAreCounted) {
  Line line(3);
  line.network.stop(2);
  const PublicKey gone = KeyPair::generate(line.network.random()).public_key();
  for (int i = 0; i < 3; ++i) {
    line.network.router(0).send(line.network.now(), gone,
                                Packet::copy_of(std::vector<std::uint8_t>{1}));
  }
  EXPECT_EQ(line.counters(0).dropped.no_path, 0U);
  for (int i = 0; i < 30; ++i) {
    line.network.run_for(1s);
    line.network.router(0).tick(line.network.now());
  }
  EXPECT_EQ(line.counters(0).dropped.no_path, 3U);
}

TEST(Counters, PacketsPushedOutWhileTheyWaitAreCounted) {
  Policy policy;
  policy.packets_per_lookup = 2;
  Line line(2, policy);
  const PublicKey unknown = KeyPair::generate(line.network.random()).public_key();
  for (int i = 0; i < 5; ++i) {
    line.network.router(0).send(line.network.now(), unknown,
                                Packet::copy_of(std::vector<std::uint8_t>{1}));
  }
  EXPECT_EQ(line.counters(0).dropped.no_path, 3U);
}

TEST(Counters, FramesWithoutANextHopAreCounted) {
  Policy policy;
  policy.tell_correspondents = false;
  Line line(3, policy);
  line.network.send(0, 2, {1});
  line.network.run_for(1s);
  line.network.unlink(line.links[1]);
  line.network.send(0, 2, {2});
  line.network.run_for(1s);
  EXPECT_EQ(line.counters(1).dropped.no_next_hop, 1U);
  EXPECT_EQ(line.counters(1).brokens_sent, 1U);
  EXPECT_EQ(line.network.deliveries.size(), 1U);
}

TEST(Counters, FramesThatOverflowAQueueOrLoseTheirLinkAreCounted) {
  std::vector<RouterAction> actions;
  Policy policy;
  policy.queue_bytes = 128 * 1024;
  RouterCounters counters;
  PeerTable peers(actions, policy, counters);
  SeededRandom random(12);
  const PublicKey key = KeyPair::generate(random).public_key();
  const Instant now = Instant{} + 1000s;
  Peer& peer = *peers.add(now, LinkId{1}, key, 0).first->peer;
  for (int i = 0; i < 100; ++i) {
    peers.send_traffic(now, peer, key, key, Packet::copy_of(std::vector<std::uint8_t>(1000, 1)));
  }
  const std::uint64_t full = counters.dropped.queue_full;
  EXPECT_GT(full, 10U);
  EXPECT_LT(full, 90U);
  ASSERT_TRUE(peers.next_frame(now, LinkId{1}));
  peers.remove(LinkId{1});
  EXPECT_EQ(counters.dropped.link_lost, 99 - full);
  EXPECT_EQ(counters.dropped.queue_full, full);
}

TEST(Counters, FramesShedForTheirAgeAreCounted) {
  std::vector<RouterAction> actions;
  const Policy policy;
  RouterCounters counters;
  PeerTable peers(actions, policy, counters);
  SeededRandom random(12);
  const PublicKey key = KeyPair::generate(random).public_key();
  Instant now = Instant{} + 1000s;
  Peer& peer = *peers.add(now, LinkId{1}, key, 0).first->peer;
  for (int i = 0; i < 50; ++i) {
    peers.send_traffic(now, peer, key, key, Packet::copy_of(std::vector<std::uint8_t>(1000, 1)));
  }
  std::uint64_t sent = 0;
  while (peers.next_frame(now += 50ms, LinkId{1})) ++sent;
  EXPECT_GT(counters.dropped.queue_delay, 0U);
  EXPECT_EQ(counters.dropped.queue_delay + sent, 50U);
  EXPECT_EQ(counters.dropped.queue_full, 0U);
}

TEST(Counters, PacketsThatNoFrameHoldsAreCounted) {
  Line line(2);
  line.network.send(0, 1, {1});
  line.network.run_for(1s);
  line.network.send(0, 1, std::vector<std::uint8_t>(131'060));
  EXPECT_EQ(line.counters(0).dropped.oversized, 1U);
}

TEST(RouterState, BytesGrowWithWhatIsHeldAndAreTheSameInEveryRun) {
  Line line(4);
  Line same(4);
  Network network(1);
  network.add_node();
  const std::size_t alone = network.router(0).state_bytes();
  EXPECT_GT(alone, 1000U);
  for (std::size_t node = 0; node < 4; ++node) {
    EXPECT_GT(line.network.router(node).state_bytes(), alone);
    EXPECT_EQ(line.network.router(node).state_bytes(), same.network.router(node).state_bytes());
  }
  const std::size_t before = line.network.router(0).state_bytes();
  line.network.send(0, 3, {1});
  line.network.run_for(1s);
  const std::size_t with_path = line.network.router(0).state_bytes();
  EXPECT_GT(with_path, before);
  line.network.run_for(120s);  // path and correspondents are forgotten
  for (std::size_t node = 0; node < 4; ++node) line.network.router(node).tick(line.network.now());
  EXPECT_LT(line.network.router(0).state_bytes(), with_path);
}

TEST(RouterState, CopiesOfPacketsSentTakeLittleMoreThanThePackets) {
  for (const std::size_t size : {100U, 1600U, 2000U, 60'000U}) {
    Line line(2);
    line.network.send(0, 1, {1});
    line.network.run_for(1s);
    const std::size_t before = line.network.router(0).state_bytes();
    line.network.stall(line.links[0]);
    line.network.send(0, 1, std::vector<std::uint8_t>(size));
    EXPECT_LE(line.network.router(0).state_bytes(), before + 2 * size + 4096);
    EXPECT_EQ(line.network.router(0).state_bytes() > before, size < 2000);
  }
}

TEST(RouterState, CopiesOfPacketsSentDoNotKeepLargeBuffers) {
  Line line(2);
  line.network.send(0, 1, {1});
  line.network.run_for(20ms);
  line.network.send(1, 0, {1});
  line.network.run_for(100ms);
  line.network.send(0, 1, {1});  // shows that the way back works
  line.network.run_for(100ms);
  Router& router = line.network.router(1);
  const std::size_t before = router.state_bytes();
  Packet packet(60'000);
  packet.pop_back(59'900);
  router.send(line.network.now(), line.network.router(0).public_key(), std::move(packet));
  EXPECT_GT(router.state_bytes(), before);
  EXPECT_LE(router.state_bytes(), before + 4096);
}

TEST(RouterState, EndpointCountsItsSessionsToo) {
  SeededRandom random(1);
  const SodiumCryptography cryptography;
  const KeyPair identity = KeyPair::generate(random);
  const Time now{Instant{} + 1000s, 1'700'000'000};
  Endpoint endpoint(identity, cryptography, random, {}, {}, now);
  const std::size_t before = endpoint.sessions().state_bytes();
  EXPECT_EQ(endpoint.state_bytes(), endpoint.router().state_bytes() + before);
  endpoint.send(now, KeyPair::generate(random).public_key(),
                Packet::copy_of(std::vector<std::uint8_t>{1}));
  EXPECT_GT(endpoint.sessions().state_bytes(), before);
}

TEST(RouterState, NextHopIsWhereFramesGo) {
  Line line(4);
  for (std::size_t to = 0; to < 4; ++to) {
    const Path path = line.network.router(to).coordinates();
    for (std::size_t from = 0; from < 4; ++from) {
      const auto hop = line.network.router(from).next_hop(path, kNoWatermark);
      if (from == to) {
        EXPECT_EQ(hop, std::nullopt);
      } else {
        EXPECT_EQ(hop, line.network.router(to > from ? from + 1 : from - 1).public_key());
      }
      EXPECT_EQ(line.network.router(from).next_hop(path, 0), std::nullopt);
    }
  }
}

TEST(RouterState, TreeEpochChangesWithCoordinates) {
  Line line(3);
  const std::uint64_t settled = line.network.router(2).tree_epoch();
  line.network.run_for(30s);
  EXPECT_EQ(line.network.router(2).tree_epoch(), settled) << "nothing happened";
  line.network.unlink(line.links[1]);
  line.network.run_for(1s);
  EXPECT_NE(line.network.router(2).tree_epoch(), settled);
}

}  // namespace
}  // namespace thicket::routing::test
