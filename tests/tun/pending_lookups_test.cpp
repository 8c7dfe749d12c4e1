#include "tun/pending_lookups.hpp"

#include <gtest/gtest.h>

#include "tun/packets.hpp"

namespace thicket::tun {
namespace {

Destination destination(std::uint8_t number) {
  Destination destination;
  destination.value.bytes[0] = 2;
  destination.value.bytes[15] = number;
  return destination;
}

TEST(PendingLookups, BoundsTheMemoryOfOneDestination) {
  PendingLookups pending;
  for (int i = 0; i < 8; ++i) {
    pending.add(Instant{}, destination(1), Packet(60000));
    pending.check_invariants();
  }
  EXPECT_EQ(pending.take(destination(1)).size(), 3U);
  EXPECT_EQ(pending.dropped(), 5U);
  EXPECT_EQ(pending.capacity(), 0U);
}

TEST(PendingLookups, BoundsTheMemoryOfAll) {
  PendingLookups pending;
  const Instant start{};
  for (std::uint8_t i = 0; i < 60; ++i) {
    EXPECT_TRUE(pending.add(start + std::chrono::milliseconds(i), destination(i), Packet(60000)));
    pending.check_invariants();
    EXPECT_TRUE(pending.contains(destination(i)));
  }
  EXPECT_FALSE(pending.contains(destination(0)));
  EXPECT_LE(pending.capacity(), PendingLookups::kMaxTotalCapacity);
  EXPECT_GT(pending.destinations(), 20U);
}

TEST(PendingLookups, TheNewestSurvivesEvenAtOneInstant) {
  PendingLookups pending;
  for (std::uint8_t i = 60; i > 0; --i) {
    pending.add(Instant{}, destination(i), Packet(60000));
    EXPECT_TRUE(pending.contains(destination(i)));
  }
}

TEST(PendingLookups, HasNoDeadlineWhenEmpty) {
  PendingLookups pending;
  EXPECT_FALSE(pending.next_deadline());
  pending.add(Instant{}, destination(1), Packet(10));
  EXPECT_TRUE(pending.next_deadline());
  pending.take(destination(1));
  EXPECT_FALSE(pending.next_deadline());
}

}  // namespace
}  // namespace thicket::tun
