#include "node/public_peers/peer_selection.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "node/public_peers/peer_diversity.hpp"

namespace thicket::node {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Kind = SelectionAction::Kind;
using State = PeerSelection::State;

constexpr Duration kProbePatience = seconds(6);

/// A node somewhere that the selection may choose.
struct Server {
  bool up = true;
  Duration handshake = milliseconds(20);
  std::uint8_t key = 0;
  bool takes_links = true;  // else it only answers probes
};

/// A world of servers around one selection, with a clock of its own.
class World {
 public:
  explicit World(std::uint64_t seed, PeerSelection::Options options = {})
      : random(seed), selection(random, options) {}

  static std::string name(std::size_t number) {
    return "tls://peer.host" + std::to_string(number) + ".example:1";
  }
  void serve(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      servers[name(i)] = {true, milliseconds(20), static_cast<std::uint8_t>(i + 1), true};
    }
  }
  void offer() {
    std::vector<PeerCandidate> candidates;
    for (const auto& [name, server] : servers) {
      candidates.push_back({name, name.substr(6, name.rfind(':') - 6), false});
    }
    selection.set_candidates(now, std::move(candidates));
    settle();
  }
  void run(Duration time) {
    const Instant end = now + time;
    while (now < end) {
      now = std::min(end, next_event(end));
      deliver();
      settle();
    }
  }
  std::size_t up() const {
    return static_cast<std::size_t>(
        std::ranges::count(selection.held(), State::up, &PeerSelection::Held::state));
  }
  std::vector<std::string> held() const {
    std::vector<std::string> names;
    for (const auto& one : selection.held()) names.push_back(one.name);
    std::ranges::sort(names);
    return names;
  }

  SeededRandom random;
  Instant now{hours(1)};
  bool online = true;
  std::map<std::string, Server> servers;
  PeerSelection selection;
  std::vector<std::pair<Instant, std::string>> added;
  std::vector<std::pair<Instant, std::string>> removed;
  std::size_t probes = 0;
  std::map<std::string, Instant> linked;  // dialled, and when it would be up

 private:
  struct Probe {
    std::string name;
    Instant end;
  };

  Instant next_event(Instant end) const {
    // Links are looked at once a second.
    Instant next = std::min(end, now + seconds(1));
    for (const Probe& probe : probing) next = std::min(next, probe.end);
    if (const auto deadline = selection.next_deadline()) next = std::min(next, *deadline);
    return std::max(next, now + milliseconds(1));
  }
  bool reachable(const std::string& name) const { return online && servers.at(name).up; }
  void deliver() {
    std::vector<Probe> over;
    std::erase_if(probing, [&](const Probe& probe) {
      if (probe.end > now) return false;
      over.push_back(probe);
      return true;
    });
    for (const Probe& probe : over) {
      const Server& server = servers.at(probe.name);
      std::optional<ProbeAnswer> answer;
      if (reachable(probe.name)) {
        PublicKey key;
        key.bytes.fill(server.key);
        answer = ProbeAnswer{server.handshake, key, probe.name};
      }
      selection.probed(now, probe.name, answer);
    }
    for (const auto& [name, since] : linked) {
      selection.link_is(now, name, reachable(name) && servers.at(name).takes_links && since <= now);
    }
  }
  void settle() {
    selection.tick(now);
    while (const auto action = selection.next_action()) {
      if (action->kind == Kind::probe) {
        ++probes;
        const bool answers = reachable(action->name);
        probing.push_back(
            {action->name, now + (answers ? servers.at(action->name).handshake : kProbePatience)});
      } else if (action->kind == Kind::add) {
        added.emplace_back(now, action->name);
        linked[action->name] = now + servers.at(action->name).handshake;
      } else {
        removed.emplace_back(now, action->name);
        linked.erase(action->name);
      }
    }
  }
  std::vector<Probe> probing;
};

TEST(PeerSelectionTest, ChoosesTheBestOfASample) {
  World world(1);
  world.serve(6);
  world.servers[World::name(1)].handshake = milliseconds(300);
  world.servers[World::name(4)].handshake = milliseconds(200);
  world.servers[World::name(5)].up = false;
  world.offer();
  world.run(seconds(30));
  EXPECT_EQ(world.held(), (std::vector{World::name(0), World::name(2), World::name(3)}));
  EXPECT_EQ(world.up(), 3U);
  EXPECT_TRUE(world.removed.empty());
}

TEST(PeerSelectionTest, TakesNoTwoOfOneHostWhileThereAreOthers) {
  World world(2);
  world.servers["tls://a.near.example:1"] = {true, milliseconds(1), 1, true};
  world.servers["tls://b.near.example:1"] = {true, milliseconds(2), 2, true};
  world.servers["tls://c.near.example:1"] = {true, milliseconds(3), 3, true};
  world.servers["tls://a.far.example:1"] = {true, milliseconds(90), 4, true};
  world.servers["tls://a.dead.example:1"] = {false, milliseconds(90), 5, true};
  world.offer();
  world.run(minutes(5));
  EXPECT_EQ(world.up(), 3U);
  EXPECT_TRUE(world.selection.holds("tls://a.far.example:1"));
  // The third has to be of the same host: there is nobody else.
  EXPECT_TRUE(world.selection.holds("tls://a.near.example:1"));
}

TEST(PeerSelectionTest, NeverTakesOneNodeTwice) {
  World world(3);
  world.serve(4);
  for (auto& [name, server] : world.servers) server.key = 9;
  world.offer();
  world.run(hours(1));
  EXPECT_EQ(world.held().size(), 1U);
}

TEST(PeerSelectionTest, LeavesWhatIsSomebodyElses) {
  World world(4, {.count = 2});
  world.serve(4);
  PublicKey key;
  key.bytes.fill(2);
  world.selection.set_others(world.now, {World::name(0)}, {key});
  world.offer();
  world.run(minutes(1));
  EXPECT_EQ(world.held(), (std::vector{World::name(2), World::name(3)}));
  // Somebody names one that was chosen: it is theirs, and stays linked.
  world.selection.set_others(world.now, {World::name(0), World::name(2)}, {key});
  world.run(minutes(10));
  EXPECT_EQ(world.held(), (std::vector{World::name(3)}));
  EXPECT_TRUE(world.removed.empty());
}

TEST(PeerSelectionTest, ReplacesOneThatStaysDownAfterItsSubstituteIsUp) {
  World world(5);
  world.serve(8);
  world.offer();
  world.run(minutes(1));
  const std::string lost = world.held().front();
  world.servers[lost].up = false;
  const Instant begin = world.now;
  world.run(minutes(4));
  EXPECT_TRUE(world.removed.empty()) << "too early";
  world.run(minutes(4));
  ASSERT_EQ(world.removed.size(), 1U);
  EXPECT_EQ(world.removed[0].second, lost);
  EXPECT_GE(world.removed[0].first - begin, minutes(5));
  EXPECT_GT(world.removed[0].first, world.added.back().first);
  EXPECT_EQ(world.up(), 3U);
  EXPECT_EQ(world.selection.counters().replacements, 1U);
}

TEST(PeerSelectionTest, ShortOutagesChangeNothing) {
  World world(6);
  world.serve(8);
  world.offer();
  world.run(minutes(1));
  const auto before = world.held();
  for (int i = 0; i < 5; ++i) {
    for (const auto& name : before) world.servers[name].up = false;
    world.run(minutes(4));
    for (const auto& name : before) world.servers[name].up = true;
    world.run(minutes(20));
  }
  EXPECT_EQ(world.held(), before);
  EXPECT_TRUE(world.removed.empty());
}

TEST(PeerSelectionTest, OfflineItKeepsWhatItHasAndAsksSeldom) {
  World world(7);
  world.serve(50);
  world.offer();
  world.run(minutes(1));
  const auto before = world.held();
  world.online = false;
  world.run(minutes(30));
  const std::size_t probes = world.probes;
  world.run(hours(10));
  EXPECT_LT(world.probes - probes, 10U * 12 * 12) << "12 in 5 minutes";
  world.online = true;
  world.run(hours(1));
  EXPECT_EQ(world.held(), before);
  EXPECT_EQ(world.up(), 3U);
  EXPECT_TRUE(world.removed.empty());
}

TEST(PeerSelectionTest, StartingOfflineIsNoReasonToRestAnybody) {
  World world(8);
  world.serve(5);
  world.online = false;
  world.offer();
  world.run(hours(3));
  EXPECT_TRUE(world.added.empty());
  world.online = true;
  world.run(PeerSelection::kLastRetry + seconds(20));
  EXPECT_EQ(world.up(), 3U);
}

TEST(PeerSelectionTest, ReplacesOneThatIsMuchWorseForLong) {
  World world(9);
  world.serve(6);
  world.offer();
  world.run(minutes(1));
  const std::string slow = world.held().front();
  world.servers[slow].handshake = milliseconds(400);
  world.run(minutes(30));
  EXPECT_TRUE(world.removed.empty()) << "too early";
  world.run(hours(12));
  ASSERT_EQ(world.removed.size(), 1U);
  EXPECT_EQ(world.removed[0].second, slow);
  EXPECT_EQ(world.up(), 3U);
}

TEST(PeerSelectionTest, OneThatAnswersProbesOnlyIsGivenUp) {
  World world(10, {.count = 1});
  world.serve(2);
  world.servers[World::name(0)].takes_links = false;
  world.servers[World::name(0)].handshake = milliseconds(1);
  world.offer();
  world.run(minutes(3));
  EXPECT_EQ(world.held(), std::vector{World::name(1)});
  EXPECT_EQ(world.up(), 1U);
}

TEST(PeerSelectionTest, FollowsOptionsAndList) {
  World world(11);
  world.serve(6);
  world.offer();
  world.run(minutes(1));
  const auto three = world.held();
  world.selection.set_options(world.now, {.count = 5});
  world.run(minutes(1));
  EXPECT_EQ(world.up(), 5U);
  EXPECT_TRUE(std::ranges::includes(world.held(), three));
  world.selection.set_options(world.now, {.count = 2});
  world.run(seconds(2));
  EXPECT_EQ(world.held().size(), 2U);
  EXPECT_EQ(world.removed.size(), 3U);
  const std::string gone = world.held().front();
  world.servers.erase(gone);
  world.offer();
  world.run(minutes(1));
  EXPECT_FALSE(world.selection.holds(gone));
  EXPECT_EQ(world.up(), 2U);
  world.selection.clear();
  world.run(seconds(2));
  EXPECT_TRUE(world.held().empty());
  EXPECT_TRUE(world.linked.empty());
  EXPECT_FALSE(world.selection.next_deadline());
}

TEST(PeerSelectionTest, OneRemovedByHandIsNotTakenAgain) {
  World world(12, {.count = 2});
  world.serve(3);
  world.offer();
  world.run(minutes(1));
  const std::string gone = world.held().front();
  world.linked.erase(gone);
  world.selection.lost(world.now, gone);
  world.run(hours(1));
  EXPECT_FALSE(world.selection.holds(gone));
  EXPECT_EQ(world.up(), 2U);
}

RC_GTEST_PROP(PeerSelectionProperty, AWorkingSetIsNeverTouched, (std::uint64_t seed)) {
  World world(seed, {.count = *rc::gen::inRange<std::size_t>(1, 6)});
  world.serve(*rc::gen::inRange<std::size_t>(1, 20));
  for (auto& [name, server] : world.servers) {
    // No two differ by more than what counts as much worse.
    server.handshake = milliseconds(*rc::gen::inRange(1, 50));
  }
  world.offer();
  world.run(minutes(2));
  const auto chosen = world.held();
  for (int hour = 0; hour < 6; ++hour) {
    for (auto& [name, server] : world.servers) {
      server.handshake = milliseconds(*rc::gen::inRange(1, 50));
      // Others come and go as they like.
      if (!world.selection.holds(name)) server.up = *rc::gen::arbitrary<bool>();
    }
    world.run(hours(1));
  }
  RC_ASSERT(world.held() == chosen);
  RC_ASSERT(world.removed.empty());
}

RC_GTEST_PROP(PeerSelectionProperty, ChangesSlowlyWhateverHappens, (std::uint64_t seed)) {
  const std::size_t count = *rc::gen::inRange<std::size_t>(1, 5);
  World world(seed, {.count = count});
  world.serve(*rc::gen::inRange<std::size_t>(1, 16));
  world.offer();
  for (int step = 0; step < 60; ++step) {
    world.online = *rc::gen::weightedElement<bool>({{6, true}, {1, false}});
    auto& server =
        world.servers[World::name(*rc::gen::inRange<std::size_t>(0, 16) % world.servers.size())];
    server.up = *rc::gen::arbitrary<bool>();
    server.handshake = milliseconds(*rc::gen::inRange(1, 900));
    world.run(seconds(*rc::gen::inRange(1, 1200)));
    RC_ASSERT(world.held().size() <= count + 1);
    RC_ASSERT(world.linked.size() == world.held().size());
  }
  // Those that came up are replaced one at a time and not often.
  const auto most = static_cast<std::uint64_t>((world.now - Instant(hours(1))) / minutes(5)) + 1;
  RC_ASSERT(world.selection.counters().replacements <= most);
  // In a good world again, all come back.
  world.online = true;
  for (auto& [name, server] : world.servers) server.up = true;
  world.run(hours(49));
  RC_ASSERT(world.up() == std::min(count, world.servers.size()));
}

}  // namespace
}  // namespace thicket::node
