#include <gtest/gtest.h>

#include <iostream>
#include <string>

#include "dht/world.hpp"
#include "routing/dht/message.hpp"

namespace thicket::routing::dht {
namespace {

using namespace std::chrono_literals;
using test::World;

class DhtHostile : public testing::Test {
 protected:
  void SetUp() override {
    world.grow(60);
    world.run_for(40s);
  }
  World::Node& victim() { return *world.nodes[5]; }
  World::Node& attacker() { return *world.nodes[9]; }
  /// Hands the victim a payload, as if from `source`; what it sends in return.
  std::vector<SendDatagram> hand(const Datagram& datagram, std::size_t size = 0) {
    return hand(attacker().key(), encode_datagram(datagram, size));
  }
  std::vector<SendDatagram> hand(const PublicKey& source, ByteView payload) {
    victim().dht->receive(world.now, source, attacker().key(), payload);
    std::vector<SendDatagram> sent;
    while (auto action = victim().dht->next_action()) {
      if (auto* send = std::get_if<SendDatagram>(&*action)) sent.push_back(std::move(*send));
    }
    return sent;
  }
  PathRecord fresh(const KeyPair& pair, std::int64_t age = 0) const {
    return make_record(pair, world.now.unix_seconds - static_cast<std::uint64_t>(age), {7, 0},
                       world.cryptography);
  }
  World world{11};
};

TEST_F(DhtHostile, ForgedStaleAndFutureRecordsAreNotKept) {
  const KeyPair pair = KeyPair::generate(world.random);
  PathRecord forged = fresh(pair);
  forged.sig.bytes[0] ^= 1;
  for (const PathRecord& bad : {forged, fresh(pair, 1801), fresh(pair, -200)}) {
    const std::size_t contacts = victim().dht->table().size();
    EXPECT_TRUE(hand({{}, bad, Store{std::nullopt, 0}}).empty());
    EXPECT_TRUE(hand({{}, bad, Store{std::nullopt, 1}}).empty());
    EXPECT_TRUE(hand({{}, bad, Ping{}}).empty());
    EXPECT_TRUE(hand({{}, bad, Neighbours{}}, 900).empty());
    EXPECT_EQ(victim().dht->store().find(bad.id(), world.now.unix_seconds), nullptr);
    EXPECT_EQ(victim().dht->table().size(), contacts);
  }
  EXPECT_GT(victim().dht->counters().records_refused, 0U);
  hand({{}, fresh(pair), Store{std::nullopt, 0}});
  EXPECT_NE(victim().dht->store().find(Identifier::of(pair.public_key()), world.now.unix_seconds),
            nullptr);
}

TEST_F(DhtHostile, AReplayDoesNotTurnBackTime) {
  const KeyPair pair = KeyPair::generate(world.random);
  const PathRecord old = fresh(pair, 60);
  hand({{}, std::nullopt, Store{fresh(pair, 0), 0}});
  hand({{}, std::nullopt, Store{old, 0}});
  const auto* held =
      victim().dht->store().find(Identifier::of(pair.public_key()), world.now.unix_seconds);
  ASSERT_NE(held, nullptr);
  EXPECT_EQ(held->seq, world.now.unix_seconds);
}

TEST_F(DhtHostile, NoAnswerIsLongerThanItsQuestion) {
  const KeyPair pair = KeyPair::generate(world.random);
  const Identifier id = Identifier::of(victim().key());
  const std::vector<Body> bodies{Ping{}, Find{id, 0, std::nullopt, 0}, Find{{}, 0, std::nullopt, 0},
                                 Store{std::nullopt, 1}, Neighbours{id}};
  for (const Body& body : bodies) {
    for (const std::size_t size : {0, 300, 600, 1200, 3000}) {
      world.run_for(100ms);
      const Datagram datagram{{}, fresh(pair), body};
      const std::size_t asked = encode_datagram(datagram, size).size();
      std::size_t answered = 0;
      for (const auto& sent : hand(datagram, size)) {
        if (sent.to == pair.public_key()) answered += sent.payload.size();
      }
      EXPECT_LE(answered, asked);
    }
  }
}

TEST_F(DhtHostile, AnswersThatNobodyAskedForAreIgnored) {
  const KeyPair pair = KeyPair::generate(world.random);
  const std::size_t contacts = victim().dht->table().size();
  const std::size_t records = victim().dht->store().size();
  hand({{}, std::nullopt, Found{{fresh(pair)}}});
  hand({{}, std::nullopt, Contacts{{fresh(pair)}}});
  hand({{}, std::nullopt, Stored{}});
  hand({{}, std::nullopt, Pong{}});
  EXPECT_EQ(victim().dht->table().size(), contacts);
  EXPECT_EQ(victim().dht->store().size(), records);
}

TEST_F(DhtHostile, OneSourceIsHeldToItsRate) {
  const auto ping = encode_datagram({{}, std::nullopt, Ping{}});
  const PublicKey source = KeyPair::generate(world.random).public_key();
  const std::uint64_t before = victim().dht->counters().over_budget;
  for (int i = 0; i < 1000; ++i) hand(source, ping);
  EXPECT_GE(victim().dht->counters().over_budget - before, 1000U - 130U);
  // Others are still heard; but one peer cannot make up sources without end.
  const std::uint64_t others = victim().dht->counters().over_budget;
  for (int i = 0; i < 5000; ++i) hand(KeyPair::generate(world.random).public_key(), ping);
  EXPECT_GE(victim().dht->counters().over_budget - others, 4000U);
  victim().dht->check_invariants();
}

TEST_F(DhtHostile, AFloodOfStoresOnlyPutsOffTheCopiesOfOthers) {
  for (std::uint32_t i = 0; i < limits::kCopies.burst; ++i) {
    const KeyPair pair = KeyPair::generate(world.random);
    hand(pair.public_key(), encode_datagram({{}, fresh(pair), Store{std::nullopt, 1}}));
  }
  const KeyPair honest = KeyPair::generate(world.random);
  const auto copies_of_its_publication = [&] {
    const std::uint64_t before = victim().dht->counters().copies_sent;
    hand(honest.public_key(), encode_datagram({{}, fresh(honest), Store{std::nullopt, 1}}));
    return victim().dht->counters().copies_sent - before;
  };
  EXPECT_EQ(copies_of_its_publication(), 0U);
  world.run_for(limits::kPublishInterval);
  EXPECT_EQ(copies_of_its_publication(), limits::kNearContacts - 1);
  world.run_for(5s);
  EXPECT_EQ(copies_of_its_publication(), 0U) << "handed on again too soon";
}

TEST_F(DhtHostile, BrokenPathsThatWereMadeUpTakeNothingAway) {
  const std::size_t contacts = victim().dht->table().size();
  const KeyPair pair = KeyPair::generate(world.random);
  hand({{}, std::nullopt, Store{fresh(pair), 0}});
  const std::size_t records = victim().dht->store().size();
  world.run_for(10s);  // for some contacts were asked just now
  const auto refused = [&] { return victim().dht->counters().brokens_refused; };
  const std::uint64_t before = refused();
  std::vector<PublicKey> claimed{pair.public_key()};
  for (const auto& contact : victim().dht->table().contacts()) {
    claimed.push_back(contact->record.key);
  }
  for (const PublicKey& key : claimed) {
    victim().dht->path_broken(world.now, key, false);
    victim().dht->path_broken(world.now, key, false);
  }
  EXPECT_GE(refused() - before, 2 * (claimed.size() - 2)) << "few may be true";
  EXPECT_GE(victim().dht->table().size() + 2, contacts);
  EXPECT_GE(victim().dht->store().size() + 2, records);
  EXPECT_NE(victim().dht->store().find(Identifier::of(pair.public_key()), world.now.unix_seconds),
            nullptr);
  // What was sent along it, by whomever, makes it true.
  victim().dht->path_broken(world.now, pair.public_key(), true);
  EXPECT_EQ(victim().dht->store().find(Identifier::of(pair.public_key()), world.now.unix_seconds),
            nullptr);
}

TEST_F(DhtHostile, ACrowdBehindOnePeerDoesNotFillTheTable) {
  const std::size_t honest = victim().dht->table().size();
  for (int i = 0; i < 3000; ++i) {
    const KeyPair pair = KeyPair::generate(world.random);
    hand({{}, fresh(pair), Pong{}});
    if (i % 200 == 0) world.run_for(1s);
  }
  victim().dht->check_invariants();
  std::size_t crowd = 0;
  for (const Contact* contact : victim().dht->table().contacts()) {
    crowd += contact->record.coords == std::vector<std::uint8_t>{7, 0} ? 1U : 0U;
  }
  const std::size_t buckets = victim().dht->table().buckets().size();
  EXPECT_LE(crowd, 2 * buckets + limits::kNearContacts);
  EXPECT_GT(honest, 0U);
}

enum class Spite { silent, lying };

/// Takes finds and stores and passes nothing on: silently, or saying that the record is not there,
/// and that it was kept.
bool spoil(World& world, const World::Node& node, Spite spite, ByteView payload) {
  const auto datagram = decode_datagram(payload);
  if (!datagram) return false;
  const bool find = std::holds_alternative<Find>(datagram->body);
  if (!find && !std::holds_alternative<Store>(datagram->body)) return false;
  if (spite == Spite::silent || !datagram->sender) return true;
  const PathRecord own = make_record(node.identity, world.now.unix_seconds, encode_path(node.place),
                                     world.cryptography);
  const Body answer = find ? Body(Found{}) : Body(Stored{});
  if (auto no = encode_reply({datagram->txid, own, answer}, payload.size())) {
    world.deliver(world.index.at(node.key()),
                  {datagram->sender->key, datagram->sender->coords, std::move(*no)});
  }
  return true;
}

/// Lookups between honest nodes while a share of all nodes are not, from the start.
double success_with(std::uint64_t seed, std::size_t percent, Spite spite) {
  World world(seed);
  world.grow(150);
  for (std::size_t i = 0; i < world.nodes.size(); ++i) {
    if (i * percent / 100 == (i + 1) * percent / 100) continue;
    World::Node& node = *world.nodes[i];
    node.hostile = [&world, &node, spite](const PublicKey&, ByteView payload) {
      return spoil(world, node, spite, payload);
    };
  }
  world.run_for(180s);
  return world.success(150);
}

class DhtHostileShare : public testing::TestWithParam<Spite> {};

TEST_P(DhtHostileShare, LookupsStillSucceed) {
  for (const auto& [percent, at_least] :
       {std::pair<std::size_t, double>{5, 0.98}, {10, 0.9}, {20, 0.85}}) {
    double sum = 0;
    const std::vector<std::uint64_t> seeds{21, 22, 23};
    for (const std::uint64_t seed : seeds) sum += success_with(seed, percent, GetParam());
    const double success = sum / static_cast<double>(seeds.size());
    RecordProperty("success_with_" + std::to_string(percent), std::to_string(success));
    std::cout << percent << " % hostile: " << success << " succeed\n";
    EXPECT_GE(success, at_least) << percent << " % hostile";
  }
}

INSTANTIATE_TEST_SUITE_P(Spites, DhtHostileShare, testing::Values(Spite::silent, Spite::lying),
                         [](const auto& spite) {
                           return std::string(spite.param == Spite::silent ? "Silent" : "Lying");
                         });

}  // namespace
}  // namespace thicket::routing::dht
