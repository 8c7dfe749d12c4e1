#include "routing/dht/routing_table.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "dht/generators.hpp"
#include "routing/dht/limits.hpp"

namespace thicket::routing::dht {
namespace {

/// Identifiers that crowd together: few digits, at the front.
Identifier crowded(int number) {
  Identifier id;
  id.bytes[0] = static_cast<std::uint8_t>(number % 7 * 0x11);
  id.bytes[1] = static_cast<std::uint8_t>(number / 7);
  return id;
}

PathRecord record_of(const Identifier& id, std::uint64_t seq) {
  PathRecord record;
  std::copy(id.bytes.begin(), id.bytes.end(), record.key.bytes.begin());
  record.seq = seq;
  return record;
}

/// Everybody ever offered and not dropped, in a list: what the table must agree with as long as
/// nobody had to make room.
struct NaiveList {
  Identifier own;
  std::vector<Contact> bucket(const RoutingTable& table, RoutingTable::Bucket name) const {
    std::vector<Contact> members;
    for (const Contact& contact : all) {
      if (table.bucket_of(contact.id) == name) members.push_back(contact);
    }
    return members;
  }
  std::vector<Contact> all;
};

RC_GTEST_PROP(RoutingTable, KeepsTheNearestOfEachBucketAndTheClosestOfAll, ()) {
  const Identifier own = crowded(0);
  RoutingTable table(own);
  NaiveList naive{own, {}};
  const auto numbers = *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 7 * 40));
  std::set<int> seen;
  for (const int number : numbers) {
    if (!seen.insert(number).second) continue;
    const Identifier id = crowded(number);
    const Way way{*rc::gen::inRange<std::uint64_t>(1, 12), *rc::gen::inRange<FirstHop>(0, 4)};
    table.offer(record_of(id, 5), id, way);
    table.check_invariants();
    naive.all.push_back({id, record_of(id, 5), way, 0, false});
  }
  // The closest of all are near.
  std::vector<Contact> near = naive.all;
  std::sort(near.begin(), near.end(),
            [&](const Contact& a, const Contact& b) { return closer(own, a.id, b.id); });
  if (near.size() > limits::kNearContacts) near.resize(limits::kNearContacts);
  RC_ASSERT(table.near() == near);
  // Of each bucket, the nearest under the rule of first hops: taken greedily, old ones first.
  std::set<RoutingTable::Bucket> names;
  for (const Contact& contact : naive.all) names.insert(table.bucket_of(contact.id));
  for (const auto& name : names) {
    std::vector<Contact> members = naive.bucket(table, name);
    std::stable_sort(members.begin(), members.end(), [](const Contact& a, const Contact& b) {
      return a.way.distance < b.way.distance;
    });
    std::vector<std::uint64_t> expected;
    std::map<FirstHop, int> behind;
    for (const Contact& member : members) {
      if (expected.size() < limits::kBucketContacts && ++behind[member.way.first_hop] <= 2) {
        expected.push_back(member.way.distance);
      }
    }
    std::vector<std::uint64_t> held;
    for (const Contact& contact : table.buckets().at(name)) held.push_back(contact.way.distance);
    RC_ASSERT(held == expected);
  }
}

RC_GTEST_PROP(RoutingTable, NextHopsAgreeWithASearchOfAll, ()) {
  const Identifier own = crowded(0);
  RoutingTable table(own);
  const auto numbers = *rc::gen::container<std::vector<int>>(rc::gen::inRange(1, 7 * 40));
  for (const int number : numbers) {
    const Identifier id = crowded(number);
    table.offer(record_of(id, 5), id, {*rc::gen::inRange<std::uint64_t>(1, 12), 0});
    if (*rc::gen::inRange(0, 8) == 0) table.path_broken(id);
  }
  const Identifier target = crowded(*rc::gen::inRange(1, 7 * 40));
  const Contact* next = table.next_hop(target, own);
  const Contact* expected = nullptr;
  const auto contacts = table.contacts();
  for (const Contact* contact : contacts) {
    if (contact->broken || !closer(target, contact->id, own)) continue;
    if (expected == nullptr ||
        shared_digits(target, contact->id) > shared_digits(target, expected->id)) {
      expected = contact;
    }
  }
  RC_ASSERT((next == nullptr) == (expected == nullptr));
  if (next == nullptr) return;
  RC_ASSERT(!next->broken);
  RC_ASSERT(closer(target, next->id, own));
  RC_ASSERT(shared_digits(target, next->id) == shared_digits(target, expected->id));
  RC_ASSERT(table.next_hop(target, own, {next->id}) != next);
}

TEST(RoutingTable, ACrowdBehindOnePeerTakesTwoPlacesOnly) {
  RoutingTable table(crowded(0));
  for (int i = 1; i < 30; ++i) {
    const Identifier id = crowded(7 * i + 3);
    table.offer(record_of(id, 5), id, {1, 66});
  }
  const auto bucket = table.bucket_of(crowded(3 + 7 * 40));
  EXPECT_EQ(table.buckets().at(bucket).size(), limits::kBucketContactsPerFirstHop);
  // Honest ones, farther away, still find room.
  for (int i = 30; i < 34; ++i) {
    const Identifier id = crowded(7 * i + 3);
    table.offer(record_of(id, 5), id, {9, static_cast<FirstHop>(i)});
  }
  EXPECT_EQ(table.buckets().at(bucket).size(), limits::kBucketContacts);
}

TEST(RoutingTable, SilentAndBrokenContactsMakeRoom) {
  RoutingTable table(crowded(0));
  const Identifier id = crowded(3);
  ASSERT_TRUE(table.offer(record_of(id, 5), id, {1, 1}));
  EXPECT_FALSE(table.failed(id));
  table.answered(id);
  EXPECT_FALSE(table.path_broken(id));
  EXPECT_EQ(table.next_hop(crowded(3), crowded(0)), nullptr);
  EXPECT_FALSE(table.offer(record_of(id, 5), id, {1, 1}));
  ASSERT_TRUE(table.offer(record_of(id, 6), id, {1, 1}));
  EXPECT_NE(table.next_hop(crowded(3), crowded(0)), nullptr);
  EXPECT_FALSE(table.failed(id));
  EXPECT_TRUE(table.failed(id));
  EXPECT_EQ(table.find(id), nullptr);
  EXPECT_EQ(table.size(), 0U);
}

TEST(RoutingTable, WhoeverAnswersIsAskedFirst) {
  RoutingTable table(crowded(0));
  const Identifier near = crowded(3);
  const Identifier far = crowded(10);
  ASSERT_TRUE(table.offer(record_of(near, 5), near, {1, 1}));
  ASSERT_TRUE(table.offer(record_of(far, 5), far, {9, 2}));
  const Identifier target = crowded(17);
  EXPECT_EQ(table.next_hop(target, crowded(0))->id, near);
  table.failed(near);
  EXPECT_EQ(table.next_hop(target, crowded(0))->id, far);
  // That its record is repeated does not make it answer; that it moved may.
  PathRecord record = record_of(near, 500);
  ASSERT_TRUE(table.offer(record, near, {1, 1}));
  EXPECT_EQ(table.next_hop(target, crowded(0))->id, far);
  record.seq = 600;
  record.coords = {4, 0};
  ASSERT_TRUE(table.offer(record, near, {1, 1}));
  EXPECT_EQ(table.next_hop(target, crowded(0))->id, near);
}

TEST(RoutingTable, MovingChangesWhoIsNear) {
  RoutingTable table(crowded(0));
  for (int i = 1; i < 4; ++i) {
    table.offer(record_of(crowded(i), 5), crowded(i), {static_cast<std::uint64_t>(i), 1});
  }
  table.recompute_ways([](const PathRecord& record) -> std::optional<Way> {
    if (record.key.bytes[0] == 0x11) return std::nullopt;
    return Way{7, 2};
  });
  EXPECT_EQ(table.find(crowded(1)), nullptr);
  EXPECT_EQ(table.find(crowded(2))->way, (Way{7, 2}));
  table.check_invariants();
}

}  // namespace
}  // namespace thicket::routing::dht
