#include <gtest/gtest.h>

#include "routing/frame_log.hpp"
#include "routing/network.hpp"
#include "routing/peer_table.hpp"
#include "routing/policy.hpp"

// What happens when a link delivers nothing any more and nobody is told (wire.md §2, local).
namespace thicket::routing::test {
namespace {

using namespace std::chrono_literals;

/// 0 - 1 - 2 - 3, and 3 - 0 by a longer way round: node 0 is root.
struct Ring {
  explicit Ring(const Policy& policy = {}) : network(3, {policy}) {
    links = make_line(network, 4);
    EXPECT_TRUE(settle(network));
    links.push_back(network.link(3, 0, 40ms));
    EXPECT_TRUE(settle(network));
    for (std::size_t to = 1; to < 4; ++to) network.send(0, to, {0});
    network.run_for(2s);  // long enough to learn how soon peers show a sign of life
    network.deliveries.clear();
  }
  /// When a packet from `from` to `to` arrives, if sent now.
  std::optional<Duration> travel_time(std::size_t from, std::size_t to) {
    network.send(from, to, {1});
    return network.run_until([&] { return !network.deliveries.empty(); }, 10s);
  }
  Network network;
  std::vector<std::size_t> links;
};

TEST(SilentLink, IsAvoidedLongBeforeItEnds) {
  Ring ring;
  ring.network.stall(ring.links[3]);
  const auto first = ring.travel_time(3, 0);
  ASSERT_TRUE(first);
  EXPECT_LE(*first, 1500ms);
  ring.network.deliveries.clear();
  const auto second = ring.travel_time(3, 0);
  ASSERT_TRUE(second);
  EXPECT_EQ(*second, 15ms);
  EXPECT_TRUE(ring.network.closed.empty());
}

TEST(SilentLink, StockNodesNoticeWhenItEnds) {
  Ring ring(Policy::yggdrasil_05());
  ring.network.stall(ring.links[3]);
  const Instant start = ring.network.now().steady;
  ring.network.send(3, 0, {1});
  ASSERT_TRUE(ring.network.run_until([&] { return !ring.network.closed.empty(); }, 10s));
  EXPECT_GE(ring.network.now().steady - start, 3s);
}

TEST(SilentLink, ToTheParentIsLeftForAnotherParent) {
  Ring ring;
  ASSERT_EQ(ring.network.index_of(ring.network.router(3).parent()), 2U);
  ring.network.stall(ring.links[2]);
  ring.network.send(3, 2, {1});
  const auto moved = ring.network.run_until(
      [&] { return ring.network.index_of(ring.network.router(3).parent()) == 0; }, 10s);
  ASSERT_TRUE(moved);
  EXPECT_LE(*moved, 3s);
}

TEST(SilentLink, ToTheParentIsNoticedWithoutTraffic) {
  for (const Duration interval : {Duration(15s), Duration(0s)}) {
    Policy policy;
    policy.parent_probe_interval = interval;
    Ring ring(policy);
    ring.network.stall(ring.links[2]);
    const auto moved = ring.network.run_until(
        [&] { return ring.network.index_of(ring.network.router(3).parent()) == 0; }, 60s);
    ASSERT_EQ(moved.has_value(), interval > 0s);
    EXPECT_LE(moved.value_or(0s), 17s);
  }
}

TEST(SilentLink, ThatIsHeardAgainIsUsedAgain) {
  Ring ring;
  ring.network.stall(ring.links[3]);
  ASSERT_TRUE(ring.travel_time(3, 0));
  ring.network.resume(ring.links[3]);
  ring.network.send(0, 3, {1});
  ring.network.run_for(500ms);
  FrameLog log(ring.network);
  ring.network.send(3, 0, {1});
  ring.network.run_for(500ms);
  const bool direct = std::ranges::any_of(log.frames, [](const SeenFrame& frame) {
    return frame.type == FrameType::traffic && frame.from == 3 && frame.to == 0;
  });
  EXPECT_TRUE(direct);
}

TEST(SilentLink, IsTriedWhenAnotherLinkComesOrGoes) {
  for (const bool probe : {true, false}) {
    Policy policy;
    policy.probe_links = probe;
    Ring ring(policy);
    ring.network.run_for(5s);
    ring.network.stall(ring.links[1]);   // 1 - 2, idle
    ring.network.unlink(ring.links[2]);  // 2 - 3
    ring.network.run_for(5s);
    const bool noticed = std::ranges::any_of(
        ring.network.closed, [](const Network::Closed& closed) { return closed.at == 2; });
    EXPECT_EQ(noticed, probe);
  }
}

TEST(WayBack, IsEnoughForShortExchanges) {
  for (const bool trust : {true, false}) {
    Policy policy;
    policy.trust_way_back = trust;
    Network network(4, {policy});
    make_line(network, 4);
    ASSERT_TRUE(settle(network));
    FrameLog log(network);
    for (int i = 0; i < 3; ++i) {
      network.send(0, 3, {1});
      network.run_for(200ms);
      network.send(3, 0, {2});
      network.run_for(200ms);
    }
    network.run_for(500ms);
    EXPECT_GE(network.deliveries.size(), 6U);
    EXPECT_EQ(log.count(FrameType::path_lookup, 3), trust ? 0U : 1U);
  }
}

TEST(WayBack, IsNotTrustedForLong) {
  Network network(4, {});
  make_line(network, 4);
  ASSERT_TRUE(settle(network));
  FrameLog log(network);
  for (int i = 0; i < 10; ++i) {
    network.send(0, 3, {1});
    network.run_for(50ms);
    network.send(3, 0, {2});
    network.run_for(50ms);
  }
  EXPECT_GE(network.deliveries.size(), 20U);
  EXPECT_EQ(log.count(FrameType::path_lookup, 3), 1U);
}

TEST(WayBack, WithoutAnAnswerTheNodeIsLookedUp) {
  Network network(4, {});
  make_line(network, 4);
  ASSERT_TRUE(settle(network));
  network.send(0, 3, {1});
  network.run_for(500ms);
  FrameLog log(network);
  network.send(3, 0, {2});
  network.run_for(900ms);
  EXPECT_EQ(log.count(FrameType::path_lookup, 3), 0U);
  network.run_for(1s);
  EXPECT_EQ(log.count(FrameType::path_lookup, 3), 1U);
}

TEST(SilentLink, IsNotBlamedForAPauseOfOurOwn) {
  RouterCounters counters;
  std::vector<RouterAction> actions;
  const Policy policy;
  PeerTable peers(actions, policy, counters);
  Instant now{1000s};
  Link& link = *peers.add(now, LinkId{1}, PublicKey{}, 0).first;
  peers.send(link, encode(SigReq{1, 1}));
  ASSERT_TRUE(peers.next_frame(now, link.id));
  now += 2500ms;  // the machine slept; what the peer sent meanwhile was not read yet
  peers.tick(now);
  EXPECT_FALSE(link.suspect);
  EXPECT_FALSE(link.doubted);
  ASSERT_LE(peers.next_deadline(), now + 100ms);
  peers.tick(now + 100ms);
  EXPECT_TRUE(link.suspect);
  EXPECT_TRUE(link.doubted);
  EXPECT_FALSE(link.closing);
}

TEST(OwnCopy, OfAPacketThatWaitsForAPathIsNotSentBesideIt) {
  Network network(4, {});
  const std::vector<std::size_t> links = make_line(network, 4);
  ASSERT_TRUE(settle(network));
  network.send(0, 3, {1});
  network.run_for(2s);
  network.unlink(links[0]);
  network.run_for(100ms);
  network.deliveries.clear();
  network.send(0, 3, {2});  // nobody is there to take it
  network.link(0, 1, 5ms);
  network.run_for(10s);
  EXPECT_EQ(network.deliveries.size(), 1U);
}

TEST(SeveralLinks, OneThatClosesIsNotUsedWhileAnotherIsOnlySuspect) {
  RouterCounters counters;
  std::vector<RouterAction> actions;
  const Policy policy;
  PeerTable peers(actions, policy, counters);
  const Instant now{1000s};
  const auto [closing, first] = peers.add(now, LinkId{1}, PublicKey{}, 0);
  const auto [suspect, second] = peers.add(now, LinkId{2}, PublicKey{}, 1);
  peers.close(*closing, CloseReason::queue_overflow);
  suspect->suspect = true;
  EXPECT_EQ(&closing->peer->best_link(), suspect);
}

TEST(Stranded, CopiesOfManyLinksThatEndAtOnceAreBounded) {
  RouterCounters counters;
  std::vector<RouterAction> actions;
  const Policy policy;
  PeerTable peers(actions, policy, counters);
  for (std::uint64_t id = 1; id <= 40; ++id) {
    Link* link = peers.add(Instant{1000s}, LinkId{id}, PublicKey{}, 0).first;
    for (std::size_t i = 0; i < limits::kCopiesPerLink; ++i) {
      link->copies.push_back(Packet::copy_of(std::vector{static_cast<std::uint8_t>(id)}));
    }
  }
  for (std::uint64_t id = 1; id <= 40; ++id) peers.remove(LinkId{id});
  const std::vector<Packet> stranded = peers.take_stranded();
  ASSERT_EQ(stranded.size(), limits::kStranded);
  EXPECT_EQ(stranded.back().data()[0], 40);  // the oldest went
}

/// A line whose last node, 3, hears forged frames of node 0.
struct ForgedLine {
  ForgedLine() : network(4, {}) {
    links = make_line(network, 4);
    EXPECT_TRUE(settle(network));
  }
  void traffic(std::size_t named_place) {
    const auto path = encode_path(network.router(3).coordinates());
    const auto from = encode_path(network.router(named_place).coordinates());
    Traffic header;
    header.path = PathView(path);
    header.from = PathView(from);
    header.source = network.router(0).public_key();
    header.dest = network.router(3).public_key();
    Packet body = Packet::copy_of(std::vector<std::uint8_t>{7});
    prepend_traffic_header(body, header);
    forge(std::move(body));
  }
  void broken() {
    const auto path = encode_path(network.router(3).coordinates());
    PathBroken frame;
    frame.path = PathView(path);
    frame.watermark = kNoWatermark;
    frame.source = network.router(3).public_key();
    frame.dest = network.router(0).public_key();
    forge(encode(frame));
  }
  void reply() {
    network.send(3, 0, {1});
    network.run_for(20ms);
  }

  Network network;
  std::vector<std::size_t> links;

 private:
  void forge(Packet body) {
    network.forge(links[2], 1, std::move(body));
    network.run_for(20ms);
  }
};

TEST(WayBack, NamedAnewAgainAndAgainIsTrustedNoLonger) {
  ForgedLine line;
  line.network.stall(line.links[1]);  // nobody says that the ways are broken
  FrameLog log(line.network);
  for (int i = 0; i < 20; ++i) {
    line.traffic(i % 2);  // a new way, which looks proven after a reply and another frame
    line.reply();
    line.traffic(i % 2);
    line.reply();
  }
  EXPECT_GE(log.count(FrameType::path_lookup, 3), 1U);
}

TEST(WayBack, CalledBrokenAgainAndAgainIsTrustedNoLonger) {
  ForgedLine line;
  FrameLog log(line.network);
  for (int i = 0; i < 20; ++i) {
    line.traffic(0);
    line.reply();
    line.traffic(0);
    line.broken();
  }
  EXPECT_GE(log.count(FrameType::path_lookup, 3), 1U);
}

}  // namespace
}  // namespace thicket::routing::test
