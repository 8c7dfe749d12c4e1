#include "routing/dht/answer_timer.hpp"

#include <gtest/gtest.h>

namespace thicket::routing::dht {
namespace {

using namespace std::chrono_literals;

TEST(AnswerTimer, StartsAtTheLongestAndAdapts) {
  AnswerTimer timer;
  EXPECT_EQ(timer.timeout(), limits::kAnswerTimeoutMax);
  for (int i = 0; i < 50; ++i) timer.sample(100ms);
  EXPECT_LT(timer.timeout(), 200ms);
  EXPECT_GE(timer.timeout(), limits::kAnswerTimeoutMin);
  for (int i = 0; i < 50; ++i) timer.sample(5s);
  EXPECT_EQ(timer.timeout(), limits::kAnswerTimeoutMax);
}

}  // namespace
}  // namespace thicket::routing::dht
