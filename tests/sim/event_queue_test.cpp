#include "sim/event_queue.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <utility>

namespace thicket::sim {
namespace {

RC_GTEST_PROP(EventQueue, KeepsTheOrderOfTimeAndThenOfPushing, (const std::vector<int>& steps)) {
  EventQueue queue;
  std::vector<std::pair<Instant, std::uint32_t>> model;
  std::uint32_t number = 0;
  for (const int step : steps) {
    if (step % 3 == 0 && !model.empty()) {
      const auto earliest = std::min_element(model.begin(), model.end());
      RC_ASSERT(queue.next_at() == earliest->first);
      RC_ASSERT(queue.pop().target == earliest->second);
      model.erase(earliest);
    } else {
      const Instant at{Duration(std::abs(step % 7))};
      queue.push({at, EventKind::wake, 0, number, {}});
      model.emplace_back(at, number++);
    }
    RC_ASSERT(queue.size() == model.size());
    RC_ASSERT(queue.empty() == model.empty());
  }
}

TEST(EventQueue, GivesBackTheBodyOfAnArrival) {
  EventQueue queue;
  const std::vector<std::uint8_t> bytes{1, 2, 3};
  queue.push({Instant{Duration(5)}, EventKind::arrival, 1, 7, Packet::copy_of(bytes)});
  queue.push({Instant{Duration(4)}, EventKind::wake, 0, 8, {}});
  EXPECT_EQ(queue.pop().target, 8u);
  const Event event = queue.pop();
  EXPECT_EQ(event.target, 7u);
  EXPECT_EQ(event.end, 1);
  EXPECT_TRUE(std::ranges::equal(event.body.bytes(), bytes));
}

}  // namespace
}  // namespace thicket::sim
