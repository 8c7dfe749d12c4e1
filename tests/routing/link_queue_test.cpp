#include "routing/link_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <map>
#include <vector>

#include "routing/wire_bytes.hpp"

namespace thicket::routing {
namespace {

using namespace std::chrono_literals;

constexpr LinkQueue::Limits kRoomy{64 << 20, 1 << 20};
constexpr Instant kStart{};

PublicKey key(std::uint8_t number) {
  PublicKey key;
  key.bytes[31] = number;
  return key;
}

// A frame that starts with a number and has the given size.
Packet frame(std::uint8_t number, std::size_t size = 100) {
  Packet packet(size, 0);
  packet.data()[0] = number;
  return packet;
}

int number_of(const std::optional<Packet>& packet) {
  return packet ? packet->bytes()[0] : -1;
}

std::vector<int> pop_all(LinkQueue& queue) {
  std::vector<int> numbers;
  while (auto packet = queue.pop(kStart)) numbers.push_back(packet->bytes()[0]);
  return numbers;
}

TEST(LinkQueue, IsEmptyAtFirstAndAfterwards) {
  LinkQueue queue(kRoomy);
  EXPECT_TRUE(queue.empty());
  EXPECT_FALSE(queue.pop(kStart));
  queue.push_traffic(kStart, key(1), key(2), frame(7));
  EXPECT_FALSE(queue.empty());
  EXPECT_GE(queue.bytes(), 100u);
  EXPECT_EQ(number_of(queue.pop(kStart)), 7);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.bytes(), 0u);
  EXPECT_FALSE(queue.pop(kStart));
}

TEST(LinkQueue, ControlGoesFirstInOrder) {
  LinkQueue queue(kRoomy);
  for (std::uint8_t i = 0; i < 3; ++i) queue.push_traffic(kStart, key(1), key(2), frame(i));
  EXPECT_TRUE(queue.push_control(frame(10)));
  EXPECT_TRUE(queue.push_control(frame(11)));
  EXPECT_EQ(pop_all(queue), (std::vector<int>{10, 11, 0, 1, 2}));
}

TEST(LinkQueue, RefusesControlOverItsLimit) {
  LinkQueue queue({1 << 20, 10000});
  const std::size_t held = frame(1).capacity() + sizeof(Packet);
  std::size_t accepted = 0;
  while (accepted < 100 && queue.push_control(frame(1))) ++accepted;
  EXPECT_EQ(accepted, 10000 / held);
  EXPECT_EQ(queue.control_bytes(), accepted * held);
  queue.check_invariants();
  EXPECT_LE(queue.bytes(), 10000u);
  EXPECT_TRUE(queue.pop(kStart));
  EXPECT_TRUE(queue.push_control(frame(1)));
}

TEST(LinkQueue, CountsMemoryNotLength) {
  LinkQueue queue({50000, 1});
  // One byte each, in much larger buffers.
  const std::size_t held = frame(1, 1).capacity();
  for (int i = 0; i < 1000; ++i) {
    queue.push_traffic(kStart, key(1), key(2), frame(static_cast<std::uint8_t>(i), 1));
  }
  queue.check_invariants();
  const std::size_t waiting = pop_all(queue).size();
  EXPECT_LE(waiting, 50000u / held);
  EXPECT_GE(waiting, 10u);
  EXPECT_EQ(queue.dropped_frames(), 1000 - waiting);
}

TEST(LinkQueue, DropsAFrameThatCannotFit) {
  LinkQueue queue({10000, 1});
  queue.push_traffic(kStart, key(1), key(2), frame(1, 20000));
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.dropped_frames(), 1u);
}

TEST(LinkQueue, DropsTheOldestOfTheLargest) {
  const std::size_t kRoom = 12 * (frame(1).capacity() + 652);
  LinkQueue queue({kRoom, 1});
  queue.push_traffic(kStart, key(9), key(9), frame(99));  // goes next, whatever comes
  // Destination 1 holds most, and within it source 1 does.
  for (std::uint8_t i = 0; i < 4; ++i) queue.push_traffic(kStart, key(1), key(1), frame(10 + i));
  for (std::uint8_t i = 0; i < 3; ++i) queue.push_traffic(kStart, key(1), key(2), frame(20 + i));
  // Destination 2 has the longest queue of a single source, but less in all.
  for (std::uint8_t i = 0; i < 5; ++i) queue.push_traffic(kStart, key(2), key(1), frame(30 + i));
  EXPECT_EQ(queue.dropped_frames(), 1u);
  const std::vector<int> left = pop_all(queue);
  EXPECT_EQ(std::count(left.begin(), left.end(), 10), 0);
  EXPECT_EQ(left.size(), 12u);
}

TEST(LinkQueue, SmallFlowDoesNotWaitBehindABulkFlow) {
  LinkQueue queue(kRoomy);
  for (int i = 0; i < 500; ++i) queue.push_traffic(kStart, key(1), key(1), frame(1, 1400));
  for (int i = 0; i < 10; ++i) queue.pop(kStart);
  for (const auto& [to, from] : {std::pair(2, 1), std::pair(1, 2)}) {
    queue.push_traffic(kStart, key(static_cast<std::uint8_t>(to)),
                       key(static_cast<std::uint8_t>(from)), frame(77));
    int waited = 0;
    while (number_of(queue.pop(kStart)) != 77) ++waited;
    EXPECT_LE(waited, 4) << "to " << to << " from " << from;
  }
}

TEST(LinkQueue, SharesBytesNotFrames) {
  LinkQueue queue(kRoomy);
  for (int i = 0; i < 2000; ++i) {
    queue.push_traffic(kStart, key(1), key(1), frame(1, 100));
    if (i < 100) queue.push_traffic(kStart, key(2), key(1), frame(2, 1500));
  }
  std::map<int, std::size_t> sent;
  while (sent[1] + sent[2] < 200000) {
    const auto packet = queue.pop(kStart);
    ASSERT_TRUE(packet);
    sent[number_of(packet)] += packet->size();
  }
  EXPECT_NEAR(static_cast<double>(sent[1]), 100000.0, 6000.0);
}

// The largest frames take many turns of credit to send; a flow of small ones must not be starved,
// and a lone large frame at a time must not win more than its share.
TEST(LinkQueue, SharesBytesWithALinkOfLargestFrames) {
  LinkQueue queue(kRoomy);
  for (int i = 0; i < 3000; ++i) queue.push_traffic(kStart, key(1), key(1), frame(1, 1000));
  queue.push_traffic(kStart, key(2), key(1), frame(2, 131000));
  std::map<int, std::size_t> sent;
  while (sent[1] + sent[2] < 2000000) {
    const auto packet = queue.pop(kStart);
    ASSERT_TRUE(packet);
    sent[number_of(packet)] += packet->size();
    if (number_of(packet) == 2) queue.push_traffic(kStart, key(2), key(1), frame(2, 131000));
  }
  EXPECT_NEAR(static_cast<double>(sent[1]), 1000000.0, 140000.0);
}

TEST(LinkQueue, ManySourcesToOneDestinationGetTheShareOfOne) {
  LinkQueue queue(kRoomy);
  for (int i = 0; i < 40; ++i) {
    for (std::uint8_t source = 1; source <= 50; ++source) {
      queue.push_traffic(kStart, key(1), key(source), frame(1, 1000));
    }
  }
  for (int i = 0; i < 1000; ++i) queue.push_traffic(kStart, key(2), key(1), frame(2, 1000));
  std::map<int, int> sent;
  for (int i = 0; i < 1000; ++i) ++sent[number_of(queue.pop(kStart))];
  EXPECT_NEAR(sent[2], 500, 10);
}

TEST(LinkQueue, MovesWithItsFrames) {
  LinkQueue queue(kRoomy);
  queue.push_traffic(kStart, key(1), key(1), frame(1));
  queue.push_traffic(kStart, key(1), key(1), frame(2));
  LinkQueue moved = std::move(queue);
  EXPECT_EQ(pop_all(moved), (std::vector<int>{1, 2}));
}

// A sender that keeps a queue standing: `per_step` frames in and one out every millisecond.
struct StandingQueue {
  explicit StandingQueue(Duration target) : queue({64 << 20, 1, target, 100ms}) {}

  void run(Duration time, int per_step) {
    for (const Instant end = now + time; now < end; now += 1ms) {
      for (int i = 0; i < per_step; ++i) {
        Packet packet(200, 0);
        const auto at = now.time_since_epoch().count();
        std::memcpy(packet.data(), &at, sizeof at);
        queue.push_traffic(now, key(1), key(1), std::move(packet));
      }
      if (const auto packet = queue.pop(now)) {
        Instant::rep at = 0;
        std::memcpy(&at, packet->data(), sizeof at);
        last_wait = now.time_since_epoch() - Duration(at);
      }
      queue.check_invariants();
    }
  }

  LinkQueue queue;
  Instant now{};
  Duration last_wait{};
};

TEST(LinkQueueDelay, ABurstThatDrainsIsNotTouched) {
  StandingQueue standing(20ms);
  for (int i = 0; i < 90; ++i) {
    Packet packet(200, 0);
    standing.queue.push_traffic(standing.now, key(1), key(1), std::move(packet));
  }
  standing.run(100ms, 0);
  EXPECT_EQ(standing.queue.dropped_frames(), 0u);
  EXPECT_TRUE(standing.queue.empty());
}

TEST(LinkQueueDelay, AStandingQueueIsShedUntilItKeepsTheTarget) {
  StandingQueue with(20ms);
  StandingQueue without(0ms);
  for (StandingQueue* standing : {&with, &without}) {
    standing->run(150ms, 2);  // builds a queue of about 150 frames
    standing->run(5s, 1);     // and keeps it
  }
  EXPECT_EQ(without.queue.dropped_frames(), 0u);
  EXPECT_GT(without.last_wait, 140ms);
  EXPECT_GT(with.queue.dropped_frames(), 50u);
  EXPECT_LE(with.last_wait, 20ms);
}

TEST(LinkQueueDelay, TheLastFrameIsAlwaysSent) {
  StandingQueue standing(1ms);
  standing.queue.push_traffic(kStart, key(1), key(1), frame(1));
  standing.queue.push_traffic(kStart, key(1), key(1), frame(2));
  EXPECT_EQ(number_of(standing.queue.pop(kStart + 1h)), 1);
  EXPECT_EQ(number_of(standing.queue.pop(kStart + 2h)), 2);
}

}  // namespace
}  // namespace thicket::routing
