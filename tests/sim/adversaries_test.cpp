#include "sim/adversaries.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <variant>

#include "routing/record.hpp"
#include "sim/announcement_flapper.hpp"
#include "sim/black_hole.hpp"
#include "sim/lookup_flooder.hpp"
#include "sim/sequence_roll_back.hpp"
#include "sim/tree_view.hpp"

namespace thicket::sim {
namespace {

using namespace std::chrono_literals;
using routing::FrameType;

struct FrameRecorder final : Observer {
  void frame_sent(const FrameEvent& e) override {
    ++sent[{e.from, e.type}];
    if (e.type != FrameType::announce) return;
    const auto frame = routing::decode_frame(e.body);
    if (frame) announces.push_back({e.from, std::get<routing::Announce>(*frame)});
  }
  void frame_lost(const FrameEvent& e, LossCause cause) override {
    if (cause == LossCause::adversary) ++dropped[e.to];
  }
  void delivered(Time, NodeIndex node, const PublicKey&, ByteView) override { ++deliveries[node]; }
  std::map<std::pair<NodeIndex, FrameType>, int> sent;
  std::vector<std::pair<NodeIndex, routing::Announce>> announces;
  std::map<NodeIndex, int> dropped;
  std::map<NodeIndex, int> deliveries;
};

/// A line of five nodes that knows its place.
class AdversariesTest : public testing::Test {
 protected:
  static SimulationOptions options() {
    SimulationOptions options;
    options.cryptography = CryptographyKind::fast;
    return options;
  }
  void SetUp() override {
    simulation.add_observer(recorder);
    for (int i = 0; i < 5; ++i) simulation.add_node();
    for (NodeIndex i = 1; i < 5; ++i) simulation.add_link(i - 1, i, {});
    for (NodeIndex i = 0; i < 5; ++i) simulation.start(i);
    simulation.run_for(20s);
  }
  void TearDown() override { simulation.remove_observer(recorder); }
  void send(NodeIndex from, NodeIndex to) {
    const std::vector<std::uint8_t> data(20, 9);
    simulation.send(from, simulation.key(to), data);
    simulation.run_for(5s);
  }
  NodeIndex common_root() const {
    const PublicKey root = simulation.router(0).root();
    for (NodeIndex node = 1; node < 5; ++node) {
      if (simulation.router(node).root() != root) return kNoNode;
    }
    return simulation.find(root).value_or(kNoNode);
  }
  std::uint64_t seq_held(NodeIndex by, NodeIndex of) const {
    for (const auto& entry : simulation.router(by).tree()) {
      if (entry.key == simulation.key(of)) return entry.seq;
    }
    return 0;
  }
  Simulation simulation{options()};
  FrameRecorder recorder;
};

TEST_F(AdversariesTest, BlackHoleForwardsNothingButStaysInTheTree) {
  send(0, 4);
  EXPECT_EQ(recorder.deliveries[4], 1);
  simulation.set_behaviour(2, std::make_unique<BlackHole>());
  const int before = recorder.sent[{2, FrameType::traffic}];
  send(0, 4);
  EXPECT_EQ(recorder.deliveries[4], 1);
  EXPECT_EQ((recorder.sent[{2, FrameType::traffic}]), before);
  EXPECT_GT(recorder.dropped[2], 0);
  send(0, 2);
  EXPECT_EQ(recorder.deliveries[2], 1);
  simulation.run_for(60s);
  EXPECT_EQ(common_root(), lowest_running(simulation));
}

TEST_F(AdversariesTest, FlapperAnnouncesNewSoundRecordsAtItsRate) {
  recorder.announces.clear();
  simulation.set_behaviour(2, std::make_unique<AnnouncementFlapper>(10'000, Prng(1)));
  simulation.run_for(10s);
  std::map<std::uint64_t, routing::Announce> own;
  std::size_t children = 0;
  for (const auto& [from, announce] : recorder.announces) {
    if (from != 2 || announce.key != simulation.key(2)) continue;
    EXPECT_FALSE(routing::find_fault(announce.key, routing::Record::of(announce),
                                     simulation.cryptography()));
    if (own.emplace(announce.seq, announce).second && announce.parent != announce.key) ++children;
  }
  EXPECT_GE(own.size(), 100u);
  EXPECT_GE(children, 10u);
  EXPECT_LT(children, own.size());
}

TEST_F(AdversariesTest, FlooderLooksUpAtItsRate) {
  const int before = recorder.sent[{0, FrameType::path_lookup}];
  simulation.set_behaviour(0, std::make_unique<LookupFlooder>(50'000, Prng(1)));
  simulation.run_for(10s);
  EXPECT_EQ((recorder.sent[{0, FrameType::path_lookup}]) - before, 500);
}

TEST_F(AdversariesTest, RollBackIsRejected) {
  auto owned = std::make_unique<SequenceRollBack>(10'000, Prng(1));
  const SequenceRollBack* behaviour = owned.get();
  const std::uint32_t life = simulation.life(2);
  recorder.announces.clear();
  simulation.set_behaviour(2, std::move(owned));
  simulation.run_for(20s);
  EXPECT_EQ(simulation.life(2), life + 1);
  ASSERT_TRUE(behaviour->oldest());
  const std::uint64_t repeated = behaviour->oldest()->seq;
  const auto sent = std::ranges::count_if(recorder.announces, [&](const auto& announce) {
    return announce.first == 2 && announce.second == *behaviour->oldest();
  });
  EXPECT_GT(sent, 150);
  for (const NodeIndex node : {0u, 1u, 3u, 4u}) {
    const std::uint64_t held = seq_held(node, 2);
    if (held != 0) {
      EXPECT_GT(held, repeated) << node;
    }
  }
  EXPECT_EQ(common_root(), lowest_running(simulation));
}

TEST_F(AdversariesTest, AreChosenWhereAsked) {
  Prng random(1);
  const auto choose = [&](Adversary options) {
    return choose_adversaries(simulation, options, 5, random);
  };
  EXPECT_EQ(choose({.where = Adversary::Where::busiest}), (std::vector<NodeIndex>{2}));
  EXPECT_EQ(choose({.where = Adversary::Where::root}),
            (std::vector<NodeIndex>{lowest_running(simulation)}));
  EXPECT_EQ(choose({.share_ppm = 400'000}).size(), 2u);
  EXPECT_EQ(choose({.count = 9}).size(), 5u);
}

TEST_F(AdversariesTest, TurnHostileWhenItIsTime) {
  plan_adversaries(simulation,
                   {.kind = Adversary::Kind::lookup_flooder,
                    .where = Adversary::Where::busiest,
                    .from = 5s,
                    .per_1000_s = 10'000},
                   5, Prng(1), simulation.now().steady + 100s);
  const int before = recorder.sent[{2, FrameType::path_lookup}];
  simulation.run_for(5s);
  EXPECT_EQ((recorder.sent[{2, FrameType::path_lookup}]), before);
  simulation.run_for(5s);
  EXPECT_EQ((recorder.sent[{2, FrameType::path_lookup}]) - before, 100);
}

}  // namespace
}  // namespace thicket::sim
