#include "routing/policy.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "routing/agreement.hpp"
#include "routing/frame.hpp"
#include "routing/frame_log.hpp"
#include "routing/network.hpp"
#include "routing/peer_table.hpp"

namespace thicket::routing::test {
namespace {

using namespace std::chrono_literals;

const Policy kThicket = Policy::thicket();
const Policy kStock = Policy::yggdrasil_05();

TEST(Policy, IsFoundByName) {
  EXPECT_EQ(policy_by_name("thicket"), kThicket);
  EXPECT_EQ(policy_by_name("yggdrasil-0.5"), kStock);
  EXPECT_EQ(policy_by_name("yggdrasil"), std::nullopt);
  EXPECT_EQ(name_of(kThicket), "thicket");
  EXPECT_EQ(name_of(kStock), "yggdrasil-0.5");
  EXPECT_EQ(RouterOptions{}.policy, kThicket);
  Policy own;
  own.lookup_lifetime = 7s;
  EXPECT_EQ(name_of(own), "custom");
}

TEST(StockPolicy, RandomNetworksAgreeAndDeliver) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Network network(seed, {kStock});
    for (int i = 0; i < 20; ++i) network.add_node();
    link_randomly(network, 15);
    ASSERT_TRUE(settle(network)) << "seed " << seed << ": " << disagreement(network);
    network.run_for(30s);  // filters travel one hop a round
    EXPECT_EQ(lost_pings(network, 10s), 0U) << "seed " << seed;
  }
}

TEST(StockPolicy, ChangesAreActedOnInRoundsOfASecond) {
  Network network(1, {kStock});
  FrameLog log(network);
  make_line(network, 6);
  network.run_for(30s);
  std::map<std::size_t, std::set<Duration>> phases;
  for (const SeenFrame& frame : log.frames) {
    if (frame.type == FrameType::announce) {
      phases[frame.from].insert(frame.at.time_since_epoch() % 1s);
    }
  }
  std::set<Duration> all;
  for (const auto& [node, of_node] : phases) {
    EXPECT_EQ(of_node.size(), 1U) << "node " << node;
    all.insert(of_node.begin(), of_node.end());
  }
  EXPECT_EQ(phases.size(), 6U);
  EXPECT_EQ(all.size(), 6U) << "rounds of different nodes coincide";
}

TEST(ThicketPolicy, ChangesAreActedOnAtOnce) {
  Network network(1, {kThicket});
  make_line(network, 6);
  const auto settled = network.run_until([&] { return disagreement(network).empty(); }, 10s);
  ASSERT_TRUE(settled);
  EXPECT_LE(*settled, 200ms);
}

TEST(StockPolicy, CoordinatesAreCurrentBetweenRounds) {
  Network network(1, {kStock});
  const std::vector<std::size_t> links = make_line(network, 3);
  ASSERT_TRUE(settle(network));
  const Path before = network.router(2).coordinates();
  ASSERT_EQ(before.size(), 2U);
  network.unlink(links[0]);  // node 1 notices, in rounds; node 2 hears of it at once
  ASSERT_TRUE(network.run_until([&] { return network.router(1).coordinates().empty(); }, 5s));
  network.run_for(10ms);
  EXPECT_EQ(network.router(2).coordinates().size(), 1U);
}

Duration time_to_become_root(const Policy& policy, std::uint64_t seed) {
  Network network(seed, {policy});
  const std::vector<std::size_t> links = make_line(network, 2);
  EXPECT_TRUE(settle(network));
  network.run_for(Duration(network.random().below(1'000'000'000)));
  network.unlink(links[0]);
  return network
      .run_until([&] { return network.router(1).root() == network.router(1).public_key(); }, 10s)
      .value_or(10s);
}

TEST(StockPolicy, BecomesRootTheRoundAfterItLostItsParent) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    // Without the parent's links, the parent's record still stands: only rounds change ours.
    const Duration time = time_to_become_root(kStock, seed);
    EXPECT_GE(time, 1s);
    EXPECT_LE(time, 2s);
    EXPECT_LE(time_to_become_root(kThicket, seed), 1ms);
  }
}

/// Root 0 above 1 and 2, which are linked; the root dies. Whether 1 or 2 then goes for the dead
/// root under the other.
bool takes_dead_root_back(const Policy& policy) {
  Network network(3, {policy});
  make_line(network, 3);
  network.link(0, 2, 5ms);
  EXPECT_TRUE(settle(network));
  const PublicKey root = network.router(0).public_key();
  network.stop(0);
  bool taken = false;
  network.run_until(
      [&] {
        for (const std::size_t node : {1U, 2U}) {
          const Router& router = network.router(node);
          taken = taken || (router.root() == root && router.parent() != root);
        }
        return taken;
      },
      5s);
  return taken;
}

TEST(StockPolicy, HasNoHoldDownForLostRoots) {
  EXPECT_TRUE(takes_dead_root_back(kStock));
  EXPECT_FALSE(takes_dead_root_back(kThicket));
}

/// Of the filters that node 1 sends to node 0: which of nodes 2 and 3 they hold.
std::vector<std::pair<bool, bool>> filters_sent(const FrameLog& log,
                                                const std::vector<PublicKey>& keys) {
  std::vector<std::pair<bool, bool>> filters;
  for (const SeenFrame& frame : log.frames) {
    if (frame.type != FrameType::bloom_filter || frame.from != 1 || frame.to != 0) continue;
    const BloomFilter filter = FrameLog::as<BloomFrame>(frame).filter;
    const auto holds = [&](std::size_t node) {
      return filter.may_contain(BloomFilter::positions(LookupKey::of(keys[node])));
    };
    filters.emplace_back(holds(2), holds(3));
  }
  return filters;
}

/// 0 - 1 - 2, then 2 goes, then, if `more`, 3 comes in its place.
std::vector<std::pair<bool, bool>> filters_after_a_loss(const Policy& policy, bool more) {
  Network network(4, {policy});
  make_line(network, 3);
  EXPECT_TRUE(settle(network));
  network.add_node();
  std::vector<PublicKey> keys;
  for (std::size_t i = 0; i < 4; ++i) keys.push_back(network.router(i).public_key());
  FrameLog log(network);
  network.stop(2);
  network.run_for(10s);
  if (more) {
    network.link(1, 3, 5ms);
    network.run_for(10s);
  }
  return filters_sent(log, keys);
}

TEST(StockPolicy, FiltersShrinkOnlyInTheRoundAfterNewKeysCame) {
  using Filters = std::vector<std::pair<bool, bool>>;
  EXPECT_EQ(filters_after_a_loss(kStock, false), Filters());
  EXPECT_EQ(filters_after_a_loss(kStock, true), (Filters{{true, true}, {false, true}}));
  EXPECT_EQ(filters_after_a_loss(kThicket, false), (Filters{{false, false}}));
}

/// 0 - 1 - 2 - 3, and 4 hangs off 1 and then 3; 0 has a path to it.
struct Mover {
  explicit Mover(const Policy& policy, std::uint64_t seed = 7) : network(seed, {policy}) {
    make_line(network, 4);
    network.add_node();
    old_link = network.link(1, 4, 5ms);
    EXPECT_TRUE(settle(network));
    network.send(0, 4, {1});
    network.run_for(1s);
    EXPECT_EQ(network.deliveries.size(), 1U);
    network.deliveries.clear();
  }
  void move() {
    network.link(3, 4, 5ms);
    network.unlink(old_link);
    EXPECT_TRUE(settle(network));
  }
  bool is_known_right() {
    for (const PathInfo& path : network.router(0).paths()) {
      if (network.index_of(path.key) == 4) return path.path == network.router(4).coordinates();
    }
    return false;
  }
  Network network;
  std::size_t old_link;
};

TEST(StockPolicy, DoesNotTellUnaskedThatItMoved) {
  for (const Policy& policy : {kThicket, kStock}) {
    Mover mover(policy);
    FrameLog log(mover.network);
    mover.move();
    const bool tells = policy == kThicket;
    EXPECT_EQ(log.count(FrameType::path_notify, 4) > 0, tells);
    EXPECT_EQ(mover.is_known_right(), tells);
  }
}

TEST(StockPolicy, SendsTheNewestPacketAgainOverANewPath) {
  Policy policy;
  policy.tell_correspondents = false;
  policy.same_coordinates_renew = false;
  policy.packets_per_lookup = 1;
  policy.repeat_lookups = false;
  policy.resend_lost = false;
  for (const bool keeps : {false, true}) {
    policy.keep_sent_packets = keeps;
    Mover mover(policy);
    mover.move();
    mover.network.send(0, 4, {2});  // goes astray, and only then the path is known to be broken
    mover.network.run_for(5s);
    EXPECT_EQ(mover.network.deliveries.size(), keeps ? 1U : 0U);
    EXPECT_TRUE(mover.is_known_right());
  }
}

TEST(StockPolicy, KeepsOnlyTheNewestPacketForAKey) {
  for (const Policy& policy : {kThicket, kStock}) {
    Network network(8, {policy});
    make_line(network, 3);
    ASSERT_TRUE(settle(network));
    for (std::uint8_t i = 1; i <= 3; ++i) network.send(0, 2, {i});
    network.run_for(3s);
    ASSERT_EQ(network.deliveries.size(), policy == kStock ? 1U : 3U);
    EXPECT_EQ(network.deliveries.back().payload, (std::vector<std::uint8_t>{3}));
  }
}

TEST(StockPolicy, LookupsAreNotRepeatedByATimer) {
  for (const Policy& policy : {kThicket, kStock}) {
    Network network(9, {policy});
    const std::vector<std::size_t> links = make_line(network, 3);
    ASSERT_TRUE(settle(network));
    network.stall(links[1]);
    FrameLog log(network);
    network.send(0, 2, {1});
    network.run_for(2500ms);
    EXPECT_EQ(log.count(FrameType::path_lookup, 0), policy == kStock ? 1U : 2U);
  }
}

TEST(StockPolicy, LooksUpWithPacketsButOnceASecond) {
  Network network(9, {kStock});
  const std::vector<std::size_t> links = make_line(network, 3);
  ASSERT_TRUE(settle(network));
  network.stall(links[1]);
  FrameLog log(network);
  for (int i = 0; i < 25; ++i) {
    network.send(0, 2, {1});
    network.run_for(100ms);
  }
  EXPECT_EQ(log.count(FrameType::path_lookup, 0), 3U);
}

TEST(StockPolicy, ALookupThatNobodyTakesCountsAsSent) {
  Network network(9, {kStock});
  make_line(network, 2);
  ASSERT_TRUE(settle(network));
  const std::size_t late = network.add_node();
  network.send(0, late, {1});
  network.link(1, late, 5ms);
  FrameLog log(network);
  network.run_for(20s);
  EXPECT_EQ(log.count(FrameType::path_lookup, 0), 0U);
  network.send(0, late, {2});
  EXPECT_EQ(log.count(FrameType::path_lookup, 0), 1U);
}

TEST(StockPolicy, AnAnswerWithTheSameCoordinatesChangesNothing) {
  for (const Policy& policy : {kThicket, kStock}) {
    Network network(10, {policy});
    const std::vector<std::size_t> links = make_line(network, 3);
    ASSERT_TRUE(settle(network));
    network.send(0, 2, {1});
    network.run_for(3s);
    ASSERT_EQ(network.router(0).paths().size(), 1U);
    const std::uint64_t seq = network.router(0).paths()[0].seq;
    PathBroken broken;
    const std::vector<std::uint8_t> here = encode_path(network.router(0).coordinates());
    broken.path = PathView(here);
    broken.watermark = kNoWatermark;
    broken.source = network.router(0).public_key();
    broken.dest = network.router(2).public_key();
    FrameLog log(network);
    network.router(0).receive(network.now(), network.link_id(links[0], 0), encode(broken));
    ASSERT_TRUE(network.router(0).paths()[0].broken);
    network.send(1, 0, {1});  // has node 0 polled
    network.run_for(3s);
    EXPECT_EQ(log.count(FrameType::path_notify, 2), 1U);
    EXPECT_EQ(network.router(0).paths()[0].broken, policy == kStock);
    EXPECT_EQ(network.router(0).paths()[0].seq == seq, policy == kStock);
  }
}

TEST(StockPolicy, RepliesOnlyOverSignedPaths) {
  for (const Policy& policy : {kThicket, kStock}) {
    Network network(11, {policy});
    make_line(network, 3);
    ASSERT_TRUE(settle(network));
    network.send(0, 2, {1});
    network.run_for(1s);
    ASSERT_EQ(network.deliveries.size(), 1U);
    FrameLog log(network);
    network.send(2, 0, {2});
    EXPECT_EQ(log.count(FrameType::traffic, 2), policy == kStock ? 0U : 1U);
    network.run_for(1s);
    EXPECT_GE(log.count(FrameType::traffic, 2), 1U);
    EXPECT_EQ(network.deliveries.back().at, 0U);
  }
}

/// How far the seq of a signed path runs ahead of the clock when a node moves twice in a second.
std::uint64_t seq_ahead_of_clock(bool may_outrun) {
  Policy policy;
  policy.seq_outruns_clock = may_outrun;
  policy.notify_interval = 0s;
  Mover mover(policy);
  FrameLog log(mover.network);
  for (int i = 0; i < 3; ++i) {
    const std::size_t link = mover.network.link(2, 4, 1ms);
    mover.network.unlink(mover.old_link);
    mover.network.run_for(100ms);
    mover.old_link = mover.network.link(1, 4, 1ms);
    mover.network.unlink(link);
    mover.network.run_for(100ms);
  }
  std::uint64_t ahead = 0;
  for (const SeenFrame& frame : log.frames) {
    if (frame.type != FrameType::path_notify || frame.from != 4) continue;
    const std::uint64_t seq = FrameLog::as<PathNotify>(frame).seq;
    const std::uint64_t clock = mover.network.now().unix_seconds;
    if (seq > clock) ahead = std::max(ahead, seq - clock);
  }
  EXPECT_GE(log.count(FrameType::path_notify, 4), 2U);
  return ahead;
}

TEST(StockPolicy, SeqOfPathsIsTheClock) {
  EXPECT_EQ(seq_ahead_of_clock(false), 0U);
  EXPECT_GE(seq_ahead_of_clock(true), 1U);
}

TEST(StockPolicy, QueuesAreShortAndNotShedByAge) {
  for (const Policy& policy : {kThicket, kStock}) {
    std::vector<RouterAction> actions;
    RouterCounters counters;
    PeerTable peers(actions, policy, counters);
    SeededRandom random(12);
    const PublicKey key = KeyPair::generate(random).public_key();
    Instant now = Instant{} + 1000s;
    Peer& peer = *peers.add(now, LinkId{1}, key, 0).first->peer;
    for (int i = 0; i < 1000; ++i) {
      peers.send_traffic(now, peer, key, key, Packet::copy_of(std::vector<std::uint8_t>(8000, 1)));
    }
    const std::size_t memory = peers.longest_queue();
    EXPECT_GT(memory, policy.queue_bytes * 3 / 4);
    EXPECT_LE(memory, policy.queue_bytes);
    // The queue stands for a second, so that every frame is old.
    const std::uint64_t overflowed = counters.dropped.total();
    for (int i = 0; i < 20; ++i) peers.next_frame(now += 50ms, LinkId{1});
    EXPECT_EQ(counters.dropped.total() > overflowed, policy == kThicket);
  }
}

TEST(Policy, WeighsRoundTripsAndCosts) {
  Peer peer;
  Policy policy;
  peer.sample_round_trip(10ms, policy);
  EXPECT_EQ(peer.cost(), 20U);
  peer.sample_round_trip(100ms, policy);
  EXPECT_EQ(peer.cost(), 30U);
  policy.first_round_trip_factor = 1;
  policy.round_trip_shares = 2;
  Peer other;
  other.sample_round_trip(10ms, policy);
  EXPECT_EQ(other.cost(), 10U);
  other.sample_round_trip(30ms, policy);
  EXPECT_EQ(other.cost(), 20U);
}

}  // namespace
}  // namespace thicket::routing::test
