#include "sim/simulation.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "crypto/invariant.hpp"

namespace thicket::sim {
namespace {

using namespace std::chrono_literals;
using routing::FrameType;

struct Recorder final : Observer {
  struct Frame {
    Instant at;
    NodeIndex from;
    NodeIndex to;
    FrameType type;
    std::size_t size;
  };
  void frame_sent(const FrameEvent& e) override { sent.push_back(frame(e)); }
  void frame_received(const FrameEvent& e) override { received.push_back(frame(e)); }
  void frame_lost(const FrameEvent&, LossCause cause) override { ++lost[cause]; }
  void delivered(Time now, NodeIndex at, const PublicKey&, ByteView data) override {
    deliveries.push_back({now.steady, at, {data.begin(), data.end()}});
  }
  void link_closed(Time now, NodeIndex node, routing::CloseReason reason) override {
    closed.push_back({now.steady, node, reason});
  }
  static Frame frame(const FrameEvent& e) {
    return {e.now.steady, e.from, e.to, e.type, e.wire_bytes};
  }
  std::size_t count(const std::vector<Frame>& frames, NodeIndex from, FrameType type) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        frames, [&](const Frame& f) { return f.from == from && f.type == type; }));
  }
  struct Delivery {
    Instant at;
    NodeIndex node;
    std::vector<std::uint8_t> data;
  };
  struct Closed {
    Instant at;
    NodeIndex node;
    routing::CloseReason reason;
  };
  std::vector<Frame> sent;
  std::vector<Frame> received;
  std::map<LossCause, std::size_t> lost;
  std::vector<Delivery> deliveries;
  std::vector<Closed> closed;
};

class SimulationTest : public testing::Test {
 protected:
  static SimulationOptions options() {
    SimulationOptions options;
    options.cryptography = CryptographyKind::fast;
    options.invariant_interval = 1;
    return options;
  }
  /// Two running nodes and a link.
  LinkIndex pair(LinkProperties properties = {}) {
    simulation.add_observer(recorder);
    simulation.add_node();
    simulation.add_node();
    const LinkIndex link = simulation.add_link(0, 1, properties);
    simulation.start(0);
    simulation.start(1);
    return link;
  }
  void send(NodeIndex from, NodeIndex to, std::size_t size = 20) {
    std::vector<std::uint8_t> data(size, 9);
    simulation.send(from, simulation.key(to), data);
  }
  bool one_root() const {
    for (NodeIndex node = 0; node < simulation.nodes(); ++node) {
      if (simulation.router(node).root() != simulation.router(0).root()) return false;
    }
    return true;
  }
  Simulation simulation{options()};
  Recorder recorder;
};

TEST_F(SimulationTest, ConnectsAfterThreeLatenciesAndDeliversAfterOne) {
  const Instant start = simulation.now().steady;
  const LinkIndex link = pair({.latency = 7ms});
  EXPECT_FALSE(simulation.connected(link));
  simulation.run_for(1s);
  EXPECT_TRUE(simulation.connected(link));
  ASSERT_FALSE(recorder.sent.empty());
  EXPECT_EQ(recorder.sent.front().at - start, 21ms);
  EXPECT_EQ(recorder.received.front().at - start, 28ms);
  EXPECT_TRUE(one_root());
}

TEST_F(SimulationTest, BandwidthSpacesFramesBySize) {
  pair({.latency = 1ms, .bits_per_second = 1'000'000});
  simulation.run_for(10s);
  send(0, 1);
  simulation.run_for(2s);
  recorder.received.clear();
  for (int i = 0; i < 5; ++i) send(0, 1, 1000);
  simulation.run_for(3s);
  std::vector<Recorder::Frame> traffic;
  for (const auto& frame : recorder.received) {
    if (frame.type == FrameType::traffic && frame.from == 0) traffic.push_back(frame);
  }
  ASSERT_EQ(traffic.size(), 5u);
  for (std::size_t i = 1; i < traffic.size(); ++i) {
    EXPECT_EQ(traffic[i].at - traffic[i - 1].at, Duration(traffic[i].size * 8'000));
  }
}

TEST_F(SimulationTest, JitterDelaysButNeverReorders) {
  pair({.latency = 10ms, .jitter = 30ms});
  simulation.run_for(2s);
  send(0, 1);
  simulation.run_for(2s);
  recorder.deliveries.clear();
  for (int i = 0; i < 100; ++i) {
    simulation.after(i * 1ms, [this, i] {
      std::vector<std::uint8_t> data{9, static_cast<std::uint8_t>(i)};
      simulation.send(0, simulation.key(1), data);
    });
  }
  const Instant start = simulation.now().steady;
  simulation.run_for(2s);
  ASSERT_EQ(recorder.deliveries.size(), 100u);
  bool delayed = false;
  for (std::size_t i = 0; i < 100; ++i) {
    EXPECT_EQ(recorder.deliveries[i].data[1], i);
    delayed = delayed || recorder.deliveries[i].at - start > Duration(i * 1ms) + 30ms;
  }
  EXPECT_TRUE(delayed);
}

TEST_F(SimulationTest, LossyLinksLoseTheirShare) {
  pair({.latency = 1ms, .loss_per_million = 200'000});
  for (int i = 0; i < 1000; ++i) {
    simulation.after(1s + i * 10ms, [this] {
      const std::vector<std::uint8_t> dummy{0};
      simulation.inject(0, 1, dummy);
    });
  }
  simulation.run_for(15s);
  const std::size_t arrived = recorder.count(recorder.received, 0, FrameType::dummy);
  EXPECT_NEAR(static_cast<double>(arrived), 800, 60);
  EXPECT_GT(recorder.lost[LossCause::random], 100u);
}

TEST_F(SimulationTest, CuttingALinkThatIsOutOfReachEndsItsConnections) {
  const LinkIndex link = pair({.latency = 10ms});
  simulation.run_for(1s);
  simulation.lose(link);
  EXPECT_TRUE(simulation.connected(link));
  simulation.cut(link);
  EXPECT_FALSE(simulation.connected(link));
  EXPECT_TRUE(simulation.router(0).peers().empty());
}

TEST_F(SimulationTest, CutLinksAreKnownAtOnceAndDialledAgainOnceRestored) {
  const LinkIndex link = pair({.latency = 10ms, .redial = 2s});
  simulation.run_for(1s);
  simulation.cut(link);
  EXPECT_FALSE(simulation.connected(link));
  EXPECT_TRUE(simulation.router(0).peers().empty());
  EXPECT_TRUE(simulation.router(1).peers().empty());
  simulation.run_for(10s);
  EXPECT_FALSE(simulation.connected(link));
  simulation.restore(link);
  simulation.run_for(2s + 29ms);
  EXPECT_FALSE(simulation.connected(link));
  simulation.run_for(1ms);
  EXPECT_TRUE(simulation.connected(link));
}

TEST_F(SimulationTest, StalledStreamsHoldWhatWasSentUntilRestored) {
  const LinkIndex link = pair();
  simulation.run_for(5s);
  send(0, 1);
  simulation.run_for(1s);
  ASSERT_EQ(recorder.deliveries.size(), 1u);
  simulation.stall(link);
  send(0, 1);
  simulation.run_for(2s);
  EXPECT_EQ(recorder.deliveries.size(), 1u);
  simulation.restore(link);
  simulation.run_for(1s);
  EXPECT_EQ(recorder.deliveries.size(), 2u);
  EXPECT_TRUE(recorder.closed.empty());
}

TEST_F(SimulationTest, SilentLinksAreEndedByTheRouterThatNotices) {
  const LinkIndex link = pair();
  simulation.run_for(5s);
  simulation.stall(link);
  const Instant start = simulation.now().steady;
  send(0, 1);
  simulation.run_for(10s);
  ASSERT_EQ(recorder.closed.size(), 1u);
  EXPECT_EQ(recorder.closed[0].node, 0u);
  EXPECT_EQ(recorder.closed[0].reason, routing::CloseReason::silent);
  EXPECT_EQ(recorder.closed[0].at - start, 3s);
  // The other end cannot know.
  EXPECT_TRUE(simulation.router(0).peers().empty());
  EXPECT_EQ(simulation.router(1).peers().size(), 1u);
  EXPECT_FALSE(simulation.connected(link));
}

TEST_F(SimulationTest, HalfOpenLinksDeliverOneWay) {
  const LinkIndex link = pair();
  simulation.run_for(5s);
  simulation.block(link, 1);
  recorder.received.clear();
  const std::vector<std::uint8_t> dummy{0};
  simulation.inject(0, 1, dummy);
  simulation.inject(1, 0, dummy);
  simulation.run_for(1s);
  EXPECT_EQ(recorder.count(recorder.received, 0, FrameType::dummy), 1u);
  EXPECT_EQ(recorder.count(recorder.received, 1, FrameType::dummy), 0u);
}

TEST_F(SimulationTest, StoppedNodesAreMissedAtOnceCrashedOnesWhenTheyDoNotAnswer) {
  pair({.latency = 10ms});
  simulation.run_for(5s);
  simulation.stop(1);
  simulation.run_for(11ms);
  EXPECT_TRUE(simulation.router(0).peers().empty());
  simulation.start(1);
  simulation.run_for(5s);
  EXPECT_EQ(simulation.life(1), 2u);
  EXPECT_EQ(simulation.router(0).peers().size(), 1u);

  simulation.crash(1);
  simulation.run_for(1s);
  EXPECT_EQ(simulation.router(0).peers().size(), 1u);
  send(0, 1);
  simulation.run_for(3s);
  EXPECT_TRUE(simulation.router(0).peers().empty());
  EXPECT_GT(recorder.lost[LossCause::node_down], 0u);
}

TEST_F(SimulationTest, RestartedNodesRefuseConnectionsOfTheirEarlierLife) {
  const LinkIndex link = pair({.latency = 10ms, .redial = 1s});
  simulation.run_for(5s);
  simulation.crash(1);
  simulation.start(1);
  simulation.run_for(2s);
  EXPECT_TRUE(simulation.connected(link));
  ASSERT_EQ(simulation.router(0).peers().size(), 1u);
  const auto links = simulation.router(0).peers()[0].links.size();
  EXPECT_LE(links, 2u);
  send(0, 1);
  simulation.run_for(5s);
  EXPECT_EQ(simulation.router(0).peers()[0].links.size(), 1u);
  EXPECT_TRUE(one_root());
}

TEST_F(SimulationTest, BehavioursKeepFramesBack) {
  struct Deaf final : Behaviour {
    bool lets_in(Time, ByteView body) override { return body[0] != 0; }
    bool lets_out(Time, ByteView body) override { return body[0] != 1; }
  };
  pair();
  simulation.run_for(1s);
  simulation.set_behaviour(1, std::make_unique<Deaf>());
  const std::vector<std::uint8_t> dummy{0};
  simulation.inject(0, 1, dummy);
  send(0, 1);
  simulation.run_for(2s);
  EXPECT_EQ(recorder.count(recorder.received, 0, FrameType::dummy), 0u);
  EXPECT_EQ(recorder.count(recorder.sent, 1, FrameType::keepalive), 0u);
  EXPECT_GE(recorder.lost[LossCause::adversary], 1u);
}

TEST_F(SimulationTest, CallsHappenInOrderAtTheirTime) {
  std::vector<int> order;
  simulation.after(2s, [&] { order.push_back(3); });
  simulation.after(1s, [&] {
    order.push_back(1);
    simulation.after(1s, [&] { order.push_back(4); });
  });
  simulation.after(1s, [&] { order.push_back(2); });
  simulation.run_for(3s);
  EXPECT_EQ(order, (std::vector{1, 2, 3, 4}));
  EXPECT_EQ(simulation.elapsed(), 3s);
}

TEST_F(SimulationTest, RunUntilStopsAtTheMoment) {
  bool flag = false;
  simulation.after(250ms, [&] { flag = true; });
  EXPECT_TRUE(simulation.run_until([&] { return flag; }, 1s));
  EXPECT_EQ(simulation.elapsed(), 250ms);
  EXPECT_FALSE(simulation.run_until([] { return false; }, 1s));
  EXPECT_EQ(simulation.elapsed(), 1250ms);
}

/// A small world with a bit of everything.
std::uint64_t world_hash(std::uint64_t seed, CryptographyKind kind, bool observed = false) {
  SimulationOptions options;
  options.seed = seed;
  options.cryptography = kind;
  Simulation simulation(options);
  Recorder recorder;
  if (observed) simulation.add_observer(recorder);
  Prng random(seed);
  for (int i = 0; i < 20; ++i) simulation.add_node();
  std::vector<LinkIndex> links;
  for (NodeIndex i = 1; i < 20; ++i) {
    links.push_back(simulation.add_link(static_cast<NodeIndex>(random.below(i)), i,
                                        {.jitter = 5ms, .loss_per_million = 10'000}));
  }
  for (NodeIndex i = 0; i < 20; ++i) simulation.start(i);
  simulation.run_for(2s);
  for (NodeIndex i = 0; i < 10; ++i) {
    const std::vector<std::uint8_t> data(50, 7);
    simulation.send(i, simulation.key(19 - i), data);
  }
  simulation.run_for(2s);
  simulation.stall(links[3]);
  simulation.crash(5);
  simulation.run_for(3s);
  simulation.start(5);
  simulation.restore(links[3]);
  simulation.run_for(10s);
  return simulation.trace().hash();
}

TEST(SimulationTrace, IsAFunctionOfTheSeed) {
  EXPECT_EQ(world_hash(1, CryptographyKind::real), world_hash(1, CryptographyKind::real));
  EXPECT_EQ(world_hash(1, CryptographyKind::fast), world_hash(1, CryptographyKind::fast, true));
  EXPECT_NE(world_hash(1, CryptographyKind::fast), world_hash(2, CryptographyKind::fast));
}

TEST(SimulationCryptography, BothKindsGrowTheSameTree) {
  std::vector<std::vector<routing::Path>> coordinates;
  for (const auto kind : {CryptographyKind::real, CryptographyKind::fast}) {
    SimulationOptions options;
    options.cryptography = kind;
    Simulation simulation(options);
    for (int i = 0; i < 30; ++i) simulation.add_node();
    for (NodeIndex i = 1; i < 30; ++i) {
      simulation.add_link(i / 2, i, {.latency = Duration(1ms) * i});
      if (i > 7) simulation.add_link(i - 7, i, {.latency = Duration(1ms) * (i % 5 + 1)});
    }
    for (NodeIndex i = 0; i < 30; ++i) simulation.start(i);
    simulation.run_for(20s);
    auto& all = coordinates.emplace_back();
    for (NodeIndex i = 0; i < 30; ++i) all.push_back(simulation.router(i).coordinates());
  }
  EXPECT_EQ(coordinates[0], coordinates[1]);
}

TEST(SimulationInvariants, ViolationsCanBeCaught) {
  const Simulation simulation{SimulationOptions{}};
  EXPECT_THROW(INVARIANT(simulation.nodes() == 1), InvariantViolation);
}

}  // namespace
}  // namespace thicket::sim
