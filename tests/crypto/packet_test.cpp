#include "crypto/packet.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

namespace thicket {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes contents(const Packet& packet) {
  return {packet.bytes().begin(), packet.bytes().end()};
}

TEST(Packet, EmptyByDefault) {
  const Packet packet;
  EXPECT_TRUE(packet.empty());
  EXPECT_EQ(packet.capacity(), 0U);
  EXPECT_EQ(packet.headroom(), 0U);
  EXPECT_EQ(packet.tailroom(), 0U);
  EXPECT_TRUE(packet.clone().empty());
}

TEST(Packet, HeadersGoInPlaceWithoutMovingTheContents) {
  const Bytes bytes(1280, 7);
  Packet packet = Packet::copy_of(bytes);
  const std::uint8_t* const before = packet.data();
  const ByteSpan header = packet.push_front(Packet::kHeadroom);
  EXPECT_EQ(header.data(), packet.data());
  EXPECT_EQ(packet.data() + Packet::kHeadroom, before);
  EXPECT_EQ(packet.headroom(), 0U);
  packet.pop_front(Packet::kHeadroom);
  EXPECT_EQ(packet.data(), before);
  EXPECT_EQ(contents(packet), bytes);
}

TEST(Packet, GrowsWhenThereIsNoRoomLeft) {
  Packet packet = Packet::copy_of(Bytes{1, 2, 3}, 2);
  packet.push_front(3)[0] = 9;
  EXPECT_EQ(packet.size(), 6U);
  EXPECT_EQ(packet.bytes()[0], 9);
  EXPECT_EQ(packet.bytes()[5], 3);
  const std::size_t more = packet.tailroom() + 1;
  const ByteSpan tail = packet.push_back(more);
  EXPECT_EQ(tail.size(), more);
  EXPECT_EQ(packet.bytes()[0], 9);
  EXPECT_EQ(packet.bytes()[5], 3);
  Packet none;
  none.push_front(4);
  EXPECT_EQ(none.size(), 4U);
  Packet nothing;
  nothing.push_back(4);
  EXPECT_EQ(nothing.size(), 4U);
}

TEST(Packet, MovingLeavesNothingBehind) {
  Packet packet = Packet::copy_of(Bytes{1, 2, 3});
  Packet moved(std::move(packet));
  EXPECT_TRUE(packet.empty());  // NOLINT: what is being tested
  EXPECT_EQ(contents(moved), (Bytes{1, 2, 3}));
}

TEST(Packet, BuffersOfEverySizeAreReused) {
  for (const std::size_t size : {0U, 1U, 1500U, 2048U, 2049U, 65535U, 66560U, 131070U, 200000U}) {
    for (int round = 0; round < 3; ++round) {
      std::vector<Packet> packets;
      for (std::uint8_t i = 0; i < 10; ++i) {
        packets.emplace_back(size);
        std::ranges::fill(packets.back().bytes(), i);
        EXPECT_GE(packets.back().capacity(), size + Packet::kHeadroom);
      }
      for (std::uint8_t i = 0; i < 10; ++i) EXPECT_EQ(contents(packets[i]), Bytes(size, i));
    }
  }
}

RC_GTEST_PROP(PacketProperty, BehavesLikeAVector, (Bytes start)) {
  Packet packet = Packet::copy_of(start, *rc::gen::inRange<std::size_t>(0, 8));
  Bytes model = start;
  const auto steps = *rc::gen::inRange(0, 30);
  std::uint8_t mark = 0;
  for (int i = 0; i < steps; ++i) {
    const auto kind = *rc::gen::inRange(0, 5);
    // Up to the largest size class and over it, now and then.
    const auto limit = kind < 2 ? (i % 10 == 9 ? 70000U : 40U) : model.size() + 1;
    const auto count = *rc::gen::inRange<std::size_t>(0, limit);
    const Bytes added(count, ++mark);
    const auto length = static_cast<std::ptrdiff_t>(count);
    if (kind == 0) {
      std::ranges::copy(added, packet.push_front(count).begin());
      model.insert(model.begin(), added.begin(), added.end());
    } else if (kind == 1) {
      std::ranges::copy(added, packet.push_back(count).begin());
      model.insert(model.end(), added.begin(), added.end());
    } else if (kind == 2) {
      packet.pop_front(count);
      model.erase(model.begin(), model.begin() + length);
    } else if (kind == 3) {
      packet.pop_back(count);
      model.erase(model.end() - length, model.end());
    } else {
      packet = packet.clone();
    }
    RC_ASSERT(contents(packet) == model);
    RC_ASSERT(packet.headroom() + packet.size() + packet.tailroom() == packet.capacity());
  }
}

}  // namespace
}  // namespace thicket
