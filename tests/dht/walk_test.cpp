#include "routing/dht/walk.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "crypto/address.hpp"
#include "dht/world.hpp"

namespace thicket::routing::dht {
namespace {

using namespace std::chrono_literals;
using test::World;

WalkTrace walked(World& world, std::size_t from, const PublicKey& asked) {
  EXPECT_TRUE(world.nodes[from]->dht->walk(world.now, 1, asked));
  world.pump(from);
  world.run_for(limits::kWalkTime + 1ms);
  const auto trace = world.nodes[from]->walks.find(1);
  EXPECT_NE(trace, world.nodes[from]->walks.end()) << "a walk must end in time";
  if (trace == world.nodes[from]->walks.end()) return {};
  WalkTrace result = trace->second;
  world.nodes[from]->walks.clear();
  return result;
}

/// A pair of nodes of whom the first does not know the second.
std::pair<std::size_t, std::size_t> strangers(const World& world) {
  for (std::size_t from = 0; from < world.nodes.size(); ++from) {
    for (std::size_t to = 0; to < world.nodes.size(); ++to) {
      const Identifier id = Identifier::of(world.nodes[to]->key());
      const Dht& dht = *world.nodes[from]->dht;
      const bool held = dht.store().find(id, world.now.unix_seconds) != nullptr;
      if (from != to && dht.table().find(id) == nullptr && !held) return {from, to};
    }
  }
  ADD_FAILURE() << "everybody knows everybody";
  return {0, 1};
}

/// What holds of every walk.
void check(const World& world, std::size_t from, const PublicKey& asked, const WalkTrace& trace) {
  const Identifier target = Identifier::of(asked);
  ASSERT_FALSE(trace.steps.empty());
  EXPECT_EQ(trace.steps.front().key, world.nodes[from]->key());
  EXPECT_LE(trace.steps.size(), limits::kWalkSteps + 1);
  std::set<PublicKey> keys;
  std::set<PublicKey> named;
  for (const WalkStep& step : trace.steps) {
    EXPECT_TRUE(keys.insert(step.key).second) << "asked twice";
    if (&step != &trace.steps.front()) {
      EXPECT_TRUE(named.contains(step.key)) << "nobody named it";
    }
    EXPECT_NE(step.answer, StepAnswer::waiting);
    EXPECT_EQ(step.shared_digits, shared_digits(Identifier::of(step.key), target));
    for (const PublicKey& key : step.named) {
      EXPECT_TRUE(closer(target, Identifier::of(key), Identifier::of(step.key)));
      named.insert(key);
    }
  }
  for (const auto& record : {trace.held, trace.record}) {
    if (!record) continue;
    EXPECT_EQ(record->id(), target);
    EXPECT_EQ(check(*record, world.now.unix_seconds, world.cryptography), std::nullopt);
  }
  EXPECT_EQ(trace.record.has_value(), trace.end == WalkEnd::found);
}

TEST(Walk, GoesWhereARecursiveLookupGoes) {
  World world(1);
  world.grow(150);
  world.run_for(60s);
  const auto [from, to] = strangers(world);
  const PublicKey asked = world.nodes[to]->key();
  const Identifier target = Identifier::of(asked);
  // The truth: from contact to contact, until one holds the record.
  std::vector<PublicKey> way{world.nodes[from]->key()};
  for (std::size_t at = from;;) {
    const Dht& dht = *world.nodes[at]->dht;
    const bool holds = at == to || dht.store().find(target, world.now.unix_seconds) != nullptr ||
                       dht.table().find(target) != nullptr;
    if (holds) break;
    const Contact* next = dht.table().next_hop(target, Identifier::of(world.nodes[at]->key()),
                                               {Identifier::of(way.front())});
    ASSERT_NE(next, nullptr);
    way.push_back(next->record.key);
    at = world.index.at(next->record.key);
  }
  const Time before = world.now;
  const WalkTrace trace = walked(world, from, asked);
  check(world, from, asked, trace);
  EXPECT_EQ(trace.end, WalkEnd::found);
  EXPECT_FALSE(trace.held);
  std::vector<PublicKey> steps;
  for (const WalkStep& step : trace.steps) steps.push_back(step.key);
  EXPECT_EQ(steps, way);
  EXPECT_EQ(trace.record->coords, encode_path(world.nodes[to]->place));
  Duration sum{};
  for (std::size_t i = 0; i < trace.steps.size(); ++i) {
    const WalkStep& step = trace.steps[i];
    const bool last = i + 1 == trace.steps.size();
    EXPECT_EQ(step.answer, last ? StepAnswer::holds : StepAnswer::nearer);
    const auto& place = world.nodes[world.index.at(step.key)]->place;
    EXPECT_EQ(step.coords, encode_path(place));
    EXPECT_EQ(step.distance, tree_distance(place, world.nodes[from]->place));
    // A millisecond per link, and one to be handled, each way.
    if (i != 0) {
      EXPECT_EQ(step.took, 2 * std::chrono::milliseconds(step.distance + 1));
    }
    sum += step.took;
  }
  EXPECT_EQ(trace.took, sum);
  EXPECT_LT(before.steady, world.now.steady);
}

TEST(Walk, FindsEverybodyByAddress) {
  World world(2);
  world.grow(80);
  world.run_for(60s);
  for (std::size_t to = 1; to < world.nodes.size(); to += 3) {
    const PublicKey asked = partial_key(Address::of(world.nodes[to]->key()));
    const WalkTrace trace = walked(world, 0, asked);
    check(world, 0, asked, trace);
    ASSERT_EQ(trace.end, WalkEnd::found) << to;
    EXPECT_EQ(trace.record->key, world.nodes[to]->key());
  }
}

TEST(Walk, GoesOnPastWhoKnowsItHere) {
  World world(3);
  world.grow(30);
  world.run_for(30s);
  const Contact known = world.nodes[4]->dht->table().near().front();
  const WalkTrace trace = walked(world, 4, known.record.key);
  check(world, 4, known.record.key, trace);
  ASSERT_TRUE(trace.held);
  EXPECT_EQ(trace.steps.front().answer, StepAnswer::holds);
  ASSERT_EQ(trace.steps.size(), 2U) << "the node itself is asked";
  EXPECT_EQ(trace.steps[1].key, known.record.key);
  EXPECT_EQ(trace.steps[1].answer, StepAnswer::holds);
}

TEST(Walk, PassesOverTheSilent) {
  World world(4);
  world.grow(150);
  world.run_for(60s);
  const auto [from, to] = strangers(world);
  const PublicKey asked = world.nodes[to]->key();
  const WalkTrace before = walked(world, from, asked);
  ASSERT_GE(before.steps.size(), 2U);
  ASSERT_NE(before.steps[1].key, asked);
  auto& silent = *world.nodes[world.index.at(before.steps[1].key)];
  silent.hostile = [](const PublicKey&, ByteView) { return true; };
  const WalkTrace trace = walked(world, from, asked);
  check(world, from, asked, trace);
  EXPECT_EQ(trace.end, WalkEnd::found);
  ASSERT_GE(trace.steps.size(), 3U);
  EXPECT_EQ(trace.steps[1].key, silent.key());
  EXPECT_EQ(trace.steps[1].answer, StepAnswer::silent);
  EXPECT_GE(trace.steps[1].took, limits::kAnswerTimeoutMin);
  EXPECT_LE(trace.steps[1].took, limits::kAnswerTimeoutMax);
}

TEST(Walk, SaysWhereAPathIsBroken) {
  World world(5);
  world.grow(150);
  world.run_for(60s);
  const auto [from, to] = strangers(world);
  const PublicKey asked = world.nodes[to]->key();
  const WalkTrace before = walked(world, from, asked);
  ASSERT_NE(before.steps[1].key, asked);
  auto& moved = *world.nodes[world.index.at(before.steps[1].key)];
  moved.place.push_back(Port{7777});
  const WalkTrace trace = walked(world, from, asked);
  check(world, from, asked, trace);
  EXPECT_EQ(trace.end, WalkEnd::found);
  EXPECT_EQ(trace.steps[1].key, moved.key());
  EXPECT_EQ(trace.steps[1].answer, StepAnswer::broken);
}

TEST(Walk, WhoIsNotThereIsNotFound) {
  World world(6);
  world.grow(100);
  world.run_for(60s);
  for (int i = 0; i < 20; ++i) {
    const PublicKey nobody = KeyPair::generate(world.random).public_key();
    const WalkTrace trace = walked(world, 7, nobody);
    check(world, 7, nobody, trace);
    EXPECT_EQ(trace.end, WalkEnd::not_found) << describe(trace.end);
  }
}

TEST(Walk, AmongTheSilentItEndsInTime) {
  World world(7);
  world.grow(100);
  world.run_for(60s);
  const auto [from, to] = strangers(world);
  for (std::size_t i = 0; i < world.nodes.size(); ++i) {
    if (i != from) world.nodes[i]->hostile = [](const PublicKey&, ByteView) { return true; };
  }
  const WalkTrace trace = walked(world, from, world.nodes[to]->key());
  check(world, from, world.nodes[to]->key(), trace);
  EXPECT_EQ(trace.end, WalkEnd::no_answer);
  EXPECT_LE(trace.took, limits::kWalkTime);
  for (std::size_t i = 1; i < trace.steps.size(); ++i) {
    EXPECT_EQ(trace.steps[i].answer, StepAnswer::silent);
  }
}

/// Names, whoever is asked for, three made-up nodes, each closer to the target than the last.
struct Liar {
  World& world;
  std::size_t self;
  std::size_t made = 0;

  bool operator()(const PublicKey& source, ByteView payload) {
    const auto datagram = decode_datagram(payload);
    if (!datagram) return true;
    const auto* find = std::get_if<Find>(&datagram->body);
    if (find == nullptr) return true;
    Found found;
    const Identifier id = Identifier::of(world.nodes[self]->key());
    while (found.records.size() < limits::kWalkContacts) {
      const KeyPair pair = KeyPair::generate(world.random);
      if (!closer(find->target, Identifier::of(pair.public_key()), id)) continue;
      ++made;
      found.records.push_back(make_record(
          pair, world.now.unix_seconds, encode_path(world.nodes[self]->place), world.cryptography));
    }
    auto reply = encode_reply({datagram->txid, std::nullopt, found}, payload.size());
    if (!reply) return true;
    const std::size_t from = world.index.at(source);
    world.nodes[from]->dht->receive(world.now, world.nodes[self]->key(), world.nodes[self]->key(),
                                    *reply);
    world.pump(from);
    return true;
  }
};

TEST(Walk, LiarsCannotKeepItGoing) {
  World world(8);
  world.grow(60);
  world.run_for(60s);
  const PublicKey nobody = KeyPair::generate(world.random).public_key();
  for (std::size_t i = 1; i < world.nodes.size(); ++i) world.nodes[i]->hostile = Liar{world, i};
  const WalkTrace trace = walked(world, 0, nobody);
  check(world, 0, nobody, trace);
  EXPECT_NE(trace.end, WalkEnd::found);
  EXPECT_LE(trace.took, limits::kWalkTime);
}

TEST(Walk, ForgedRecordsAreNotFollowed) {
  World world(9);
  world.grow(60);
  world.run_for(60s);
  const auto [from, to] = strangers(world);
  const PublicKey asked = world.nodes[to]->key();
  for (std::size_t i = 0; i < world.nodes.size(); ++i) {
    if (i == from) continue;
    world.nodes[i]->hostile = [&world, i, asked](const PublicKey& source, ByteView payload) {
      const auto datagram = decode_datagram(payload);
      if (!datagram || !std::holds_alternative<Find>(datagram->body)) return true;
      PathRecord forged;
      forged.key = asked;
      forged.seq = world.now.unix_seconds;
      auto reply = encode_reply({datagram->txid, std::nullopt, Found{{forged}}}, payload.size());
      const std::size_t at = world.index.at(source);
      world.nodes[at]->dht->receive(world.now, world.nodes[i]->key(), world.nodes[i]->key(),
                                    reply.value());
      world.pump(at);
      return true;
    };
  }
  const WalkTrace trace = walked(world, from, asked);
  check(world, from, asked, trace);
  EXPECT_EQ(trace.end, WalkEnd::not_found);
}

TEST(Walk, FewAtOnce) {
  World world(10);
  world.grow(30);
  world.run_for(30s);
  Dht& dht = *world.nodes[3]->dht;
  const PublicKey nobody = KeyPair::generate(world.random).public_key();
  for (WalkId id = 0; id < limits::kWalks; ++id) {
    EXPECT_TRUE(dht.walk(world.now, id, nobody));
    EXPECT_FALSE(dht.walk(world.now, id, nobody)) << "in flight";
  }
  EXPECT_FALSE(dht.walk(world.now, 99, nobody));
  dht.check_invariants();
  world.pump(3);
  world.run_for(limits::kWalkTime + 1ms);
  EXPECT_EQ(world.nodes[3]->walks.size(), limits::kWalks);
  EXPECT_TRUE(dht.walk(world.now, 99, nobody));
}

TEST(Walk, AloneItEndsAtOnce) {
  World world(11);
  world.grow(1);
  const PublicKey nobody = KeyPair::generate(world.random).public_key();
  EXPECT_TRUE(world.nodes[0]->dht->walk(world.now, 5, nobody));
  world.pump(0);
  ASSERT_TRUE(world.nodes[0]->walks.contains(5));
  const WalkTrace& trace = world.nodes[0]->walks[5];
  EXPECT_EQ(trace.end, WalkEnd::nobody);
  EXPECT_EQ(trace.steps.size(), 1U);
}

TEST(Walk, TheSameSeedGivesTheSameWalk) {
  const auto run = [] {
    World world(12);
    world.grow(60);
    world.run_for(30s);
    const WalkTrace trace = walked(world, 1, world.nodes[50]->key());
    std::vector<std::pair<PublicKey, Duration>> steps;
    for (const WalkStep& step : trace.steps) steps.emplace_back(step.key, step.took);
    return steps;
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace thicket::routing::dht
