#include "routing/dht/record_store.hpp"

#include <gtest/gtest.h>

#include "routing/dht/limits.hpp"

namespace thicket::routing::dht {
namespace {

constexpr std::uint64_t kNow = 1'700'000'000;

PathRecord record_of(std::uint64_t seq, std::uint8_t port = 1) {
  PathRecord record;
  record.seq = seq;
  record.coords = {port, 0};
  return record;
}

Identifier id_of(std::uint32_t number) {
  Identifier id;
  for (int i = 0; i < 4; ++i) {
    id.bytes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
  }
  return id;
}

TEST(RecordStore, TheNewerSeqWins) {
  RecordStore store(id_of(0));
  EXPECT_NE(store.insert(record_of(kNow, 1), id_of(5)), nullptr);
  EXPECT_EQ(store.insert(record_of(kNow, 2), id_of(5)), nullptr);
  EXPECT_EQ(store.insert(record_of(kNow - 1, 2), id_of(5)), nullptr);
  EXPECT_EQ(store.find(id_of(5), kNow)->coords[0], 1);
  EXPECT_NE(store.insert(record_of(kNow + 1, 2), id_of(5)), nullptr);
  EXPECT_EQ(store.find(id_of(5), kNow)->coords[0], 2);
}

TEST(RecordStore, OldOnesAreNotFoundAndGo) {
  RecordStore store(id_of(0));
  store.insert(record_of(kNow), id_of(5));
  EXPECT_NE(store.find(id_of(5), kNow + 1800), nullptr);
  EXPECT_EQ(store.find(id_of(5), kNow + 1801), nullptr);
  store.expire(kNow + 1800);
  EXPECT_EQ(store.size(), 1U);
  store.expire(kNow + 1801);
  EXPECT_EQ(store.size(), 0U);
}

TEST(RecordStore, AFloodOnlyReplacesWhatIsFartherAway) {
  RecordStore store(id_of(0));
  for (std::uint32_t i = 0; i < 3 * limits::kRecords; ++i) {
    store.insert(record_of(kNow), id_of(0x80000000U - i));
    ASSERT_LE(store.size(), limits::kRecords);
  }
  EXPECT_EQ(store.find(id_of(0x80000000U), kNow), nullptr);
  EXPECT_NE(store.find(id_of(0x80000000U - 3 * limits::kRecords + 1), kNow), nullptr);
  EXPECT_NE(store.insert(record_of(kNow), id_of(1)), nullptr);
  EXPECT_EQ(store.insert(record_of(kNow), id_of(0xffffffffU)), nullptr);
  EXPECT_NE(store.find(id_of(1), kNow), nullptr);
}

TEST(RecordStore, NewCoordinatesMustBeReplicatedAgain) {
  RecordStore store(id_of(0));
  store.insert(record_of(kNow, 1), id_of(5))->replicated = Instant{};
  EXPECT_TRUE(store.insert(record_of(kNow + 1, 1), id_of(5))->replicated.has_value());
  EXPECT_FALSE(store.insert(record_of(kNow + 2, 2), id_of(5))->replicated.has_value());
}

}  // namespace
}  // namespace thicket::routing::dht
