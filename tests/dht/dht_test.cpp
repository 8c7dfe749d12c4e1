#include "routing/dht/dht.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "crypto/address.hpp"
#include "dht/world.hpp"

namespace thicket::routing::dht {
namespace {

using namespace std::chrono_literals;
using test::World;

TEST(Dht, EveryoneIsFoundInAStableNetwork) {
  World world(1);
  world.grow(150);
  world.run_for(60s);
  for (const auto& node : world.nodes) node->dht->check_invariants();
  EXPECT_EQ(world.success(300), 1.0);
}

TEST(Dht, NodesFarDownInTheTreeAreFoundFromItsTop) {
  // An answer may be no longer than the question, but the paths below are longer than those above.
  World world(3);
  world.grow(120, [](std::size_t i) { return i < 60 ? 0 : i == 60 ? 1 : i - 1; });
  world.run_for(5min);
  for (std::size_t asker = 0; asker < 60; asker += 7) {
    for (std::size_t target = 61; target < 120; target += 4) {
      auto& node = *world.nodes[asker];
      node.dht->lookup(world.now, world.nodes[target]->key());
      world.pump(asker);
    }
  }
  world.run_for(5s);
  for (std::size_t asker = 0; asker < 60; asker += 7) {
    EXPECT_EQ(world.nodes[asker]->failed.size(), 0U);
  }
}

class DhtOfSomeSize : public testing::TestWithParam<std::size_t> {};

TEST_P(DhtOfSomeSize, TheHomeIsTheTrueClosestNode) {
  World world(GetParam());
  world.grow(GetParam());
  world.run_for(5min);
  for (std::size_t subject = 0; subject < world.nodes.size(); subject += 5) {
    const Identifier target = Identifier::of(world.nodes[subject]->key());
    // Wherever a query starts, each step leads closer, and it ends at the closest but the subject.
    std::size_t best = subject == 0 ? 1 : 0;
    for (std::size_t i = 0; i < world.nodes.size(); ++i) {
      const auto id = [&](std::size_t of) { return Identifier::of(world.nodes[of]->key()); };
      if (i != subject && closer(target, id(i), id(best))) best = i;
    }
    for (std::size_t start = 0; start < world.nodes.size(); start += 7) {
      if (start == subject) continue;
      std::size_t at = start;
      for (int hops = 0; hops < limits::kHops; ++hops) {
        const Contact* next = world.nodes[at]->dht->table().next_hop(
            target, Identifier::of(world.nodes[at]->key()), {target});
        if (next == nullptr) break;
        at = world.index.at(next->record.key);
      }
      EXPECT_EQ(at, best) << "from " << start << " to " << subject;
    }
    EXPECT_NE(world.nodes[best]->dht->store().find(target, world.now.unix_seconds), nullptr);
  }
}

INSTANTIATE_TEST_SUITE_P(Nodes, DhtOfSomeSize, testing::Values(2, 9, 17, 40, 90, 150, 250));

TEST(Dht, AnAddressIsEnough) {
  World world(3);
  world.grow(30);
  world.run_for(30s);
  const PublicKey wanted = partial_key(Address::of(world.nodes[20]->key()));
  world.nodes[3]->dht->lookup(world.now, wanted);
  world.pump(3);
  world.run_for(2s);
  ASSERT_TRUE(world.nodes[3]->found.contains(wanted));
  EXPECT_EQ(world.nodes[3]->found[wanted].key, world.nodes[20]->key());
}

TEST(Dht, WhoIsNotThereIsGivenUpSoon) {
  World world(4);
  world.grow(30);
  world.run_for(30s);
  const PublicKey nobody = KeyPair::generate(world.random).public_key();
  world.nodes[3]->dht->lookup(world.now, nobody);
  world.pump(3);
  world.run_for(2s);
  EXPECT_TRUE(world.nodes[3]->failed.contains(nobody));
  EXPECT_EQ(world.nodes[3]->dht->lookups_in_flight(), 0U);
  const Counters& counters = world.nodes[3]->dht->counters();
  EXPECT_EQ(counters.hits + counters.misses + counters.timeouts, counters.lookups);
}

TEST(Dht, WhatWasFoundOtherwiseIsNotSoughtFurther) {
  World world(13);
  world.grow(60);
  world.run_for(30s);
  auto& asker = *world.nodes[3];
  const KeyPair stock = KeyPair::generate(world.random);
  asker.dht->lookup(world.now, stock.public_key());
  ASSERT_EQ(asker.dht->lookups_in_flight(), 1U);
  const auto record = make_record(stock, world.now.unix_seconds, {7, 0}, world.cryptography);
  asker.dht->learnt(world.now, record);
  EXPECT_EQ(asker.dht->lookups_in_flight(), 0U);
  EXPECT_EQ(asker.dht->counters().overtaken, 1U);
  world.run_for(5s);
  EXPECT_EQ(asker.dht->counters().retries, 0U);
  EXPECT_TRUE(asker.failed.empty());
  // One that proved broken is not what was sought.
  asker.dht->path_broken(world.now, stock.public_key(), true);
  asker.dht->lookup(world.now, stock.public_key(), record.seq);
  asker.dht->learnt(world.now, record);
  EXPECT_EQ(asker.dht->lookups_in_flight(), 1U);
}

/// Looks up nobody's keys, from node 3, each of which goes through the same contact first. Its
/// index.
std::size_t seek_in_vain_through_one(World& world) {
  auto& asker = *world.nodes[3];
  const Identifier id = Identifier::of(asker.key());
  std::optional<std::size_t> through;
  for (int sought = 0; sought < 2;) {
    const PublicKey nobody = KeyPair::generate(world.random).public_key();
    const Contact* first = asker.dht->table().next_hop(Identifier::of(nobody), id);
    if (first == nullptr) continue;
    const std::size_t index = world.index.at(first->record.key);
    if (index != through.value_or(index)) continue;
    through = index;
    ++sought;
    asker.dht->lookup(world.now, nobody);
    world.pump(3);
  }
  return *through;
}

TEST(Dht, AContactThatIsSilentIsForgotten) {
  World world(14);
  world.grow(60);
  world.run_for(60s);
  const std::size_t silent = seek_in_vain_through_one(world);
  world.nodes[silent]->alive = false;
  const Identifier id = Identifier::of(world.nodes[silent]->key());
  ASSERT_NE(world.nodes[3]->dht->table().find(id), nullptr);
  world.run_for(10s);
  EXPECT_EQ(world.nodes[3]->dht->table().find(id), nullptr);
}

TEST(Dht, AContactThatAnswersPingsIsKept) {
  World world(14);
  world.grow(60);
  world.run_for(60s);
  const std::size_t contact = seek_in_vain_through_one(world);
  std::size_t pings = 0;
  world.nodes[contact]->hostile = [&pings](const PublicKey&, ByteView payload) {
    const auto datagram = decode_datagram(payload);
    if (datagram && std::holds_alternative<Ping>(datagram->body)) ++pings;
    return datagram && std::holds_alternative<Find>(datagram->body);
  };
  world.run_for(10s);
  EXPECT_GT(pings, 0U);
  EXPECT_NE(world.nodes[3]->dht->table().find(Identifier::of(world.nodes[contact]->key())),
            nullptr);
}

TEST(Dht, AloneItFailsAtOnce) {
  World world(5);
  world.grow(1);
  const PublicKey nobody = KeyPair::generate(world.random).public_key();
  world.nodes[0]->dht->lookup(world.now, nobody);
  world.pump(0);
  EXPECT_TRUE(world.nodes[0]->failed.contains(nobody));
  EXPECT_FALSE(world.nodes[0]->dht->joined());
}

TEST(Dht, AMovedSubtreeIsFoundAgainWithinTenSeconds) {
  World world(6);
  world.grow(120);
  world.run_for(60s);
  std::vector<std::uint64_t> before;
  for (const auto& node : world.nodes) before.push_back(node->dht->counters().publications);
  // Everybody under the first child of the root gets other coordinates.
  std::vector<std::size_t> moved;
  for (std::size_t i = 1; i < world.nodes.size(); ++i) {
    auto& node = *world.nodes[i];
    if (node.place[0].value != 1) continue;
    node.place[0] = Port{5000};
    node.moved = true;
    moved.push_back(i);
  }
  ASSERT_GT(moved.size(), 3U);
  for (const std::size_t i : moved) world.nodes[i]->dht->coordinates_changed(world.now, 0);
  for (std::size_t i = 0; i < world.nodes.size(); ++i) world.introduce(i);
  world.run_for(10s);
  std::size_t good = 0;
  std::size_t all = 0;
  for (const std::size_t i : moved) {
    const std::size_t from = world.honest();
    if (from == i) continue;
    ++all;
    auto& node = *world.nodes[from];
    node.found.clear();
    node.dht->lookup(world.now, world.nodes[i]->key());
    world.pump(from);
    world.run_for(2200ms);
    const auto found = node.found.find(world.nodes[i]->key());
    good += found != node.found.end() && found->second.path().to_path() == world.nodes[i]->place;
    EXPECT_LE(world.nodes[i]->dht->counters().publications, before[i] + 6) << "a publishing storm";
  }
  EXPECT_GE(good * 100, all * 95) << good << " of " << all;
}

TEST(Dht, IdleMaintenanceIsCheap) {
  World world(7);
  world.grow(100);
  world.run_for(15min);
  const std::uint64_t before = world.bytes_sent;
  world.run_for(30min);
  const double rate = static_cast<double>(world.bytes_sent - before) / 100 / 1800;
  EXPECT_LT(rate, 20.0);
  EXPECT_GT(rate, 0.1);
}

TEST(Dht, TheSameSeedGivesTheSameRun) {
  const auto run = [] {
    World world(8);
    world.grow(40);
    world.run_for(30s);
    return std::pair(world.bytes_sent, world.steps_taken);
  };
  EXPECT_EQ(run(), run());
}

}  // namespace
}  // namespace thicket::routing::dht
