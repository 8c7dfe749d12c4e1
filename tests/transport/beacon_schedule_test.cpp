#include "transport/beacon_schedule.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace thicket::transport {
namespace {

using namespace std::chrono_literals;

/// When beacons go out if whoever waits for the schedule is late by `late` each time.
std::vector<Instant> beacons(std::uint64_t seed, std::size_t count, Duration late = {}) {
  SeededRandom random(seed);
  BeaconSchedule schedule(random, Instant{});
  std::vector<Instant> sent;
  while (sent.size() < count) {
    const Instant now = schedule.next() + late;
    EXPECT_FALSE(schedule.take(schedule.next() - 1ns));
    EXPECT_TRUE(schedule.take(now));
    EXPECT_FALSE(schedule.take(now));
    sent.push_back(now);
  }
  return sent;
}

RC_GTEST_PROP(BeaconSchedule, StartsFastAndSlowsDown, (std::uint64_t seed)) {
  const auto sent = beacons(seed, 40);
  RC_ASSERT(sent[0] - Instant{} <= BeaconSchedule::kFirstDelay);
  const Duration first = sent[1] - sent[0];
  RC_ASSERT(first >= 1s && first <= 2s);
  for (std::size_t i = 1; i < sent.size(); ++i) {
    const Duration gap = sent[i] - sent[i - 1];
    RC_ASSERT(gap >= 1s && gap <= 15s);
    if (sent[i - 1] - Instant{} >= 20s) RC_ASSERT(gap >= 2s);
  }
  const Duration last = sent[39] - sent[38];
  RC_ASSERT(last >= 7500ms);
}

RC_GTEST_PROP(BeaconSchedule, NeverCatchesUpWhatItMissed, (std::uint64_t seed)) {
  const auto sent = beacons(seed, 20, 1h);  // as after a suspend
  for (std::size_t i = 1; i < sent.size(); ++i) RC_ASSERT(sent[i] - sent[i - 1] >= 1h + 1s);
}

TEST(BeaconSchedule, RestartsFromTheBeginning) {
  SeededRandom random(1);
  BeaconSchedule schedule(random, Instant{});
  for (int i = 0; i < 30; ++i) EXPECT_TRUE(schedule.take(schedule.next()));
  const Instant now = schedule.next() + 1s;
  schedule.restart(now);
  EXPECT_LE(schedule.next() - now, BeaconSchedule::kFirstDelay);
  const Instant first = schedule.next();
  EXPECT_TRUE(schedule.take(first));
  EXPECT_LE(schedule.next() - first, 2s);
}

TEST(BeaconSchedule, NodesDoNotSpeakInStep) {
  EXPECT_NE(beacons(1, 5), beacons(2, 5));
}

}  // namespace
}  // namespace thicket::transport
