#include "node/event_log.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <asio/io_context.hpp>
#include <optional>

#include "node/admin/event_waits.hpp"

namespace thicket::node {
namespace {

using namespace std::chrono_literals;

void add(EventLog& log, std::string_view text) {
  log.add(std::chrono::system_clock::time_point(1500ms), "info", text);
}

TEST(EventLog, NumbersWhatItKeeps) {
  EventLog log;
  EXPECT_TRUE(log.after(0).events.empty());
  add(log, "one");
  add(log, "two");
  const EventLog::Page page = log.after(1);
  ASSERT_EQ(page.events.size(), 1U);
  EXPECT_EQ(page.events[0].number, 2U);
  EXPECT_EQ(page.events[0].time, 1.5);
  EXPECT_EQ(page.events[0].level, "info");
  EXPECT_EQ(page.events[0].text, "two");
  EXPECT_EQ(page.missed, 0U);
  EXPECT_EQ(log.newest(), 2U);
}

TEST(EventLog, CutsLongTexts) {
  EventLog log;
  add(log, std::string(10 * EventLog::kMaxText, 'x'));
  EXPECT_EQ(log.after(0).events[0].text.size(), EventLog::kMaxText);
}

RC_GTEST_PROP(EventLog, SaysHowManyWereMissed, ()) {
  EventLog log;
  const auto count = *rc::gen::inRange<std::uint64_t>(0, 3 * EventLog::kMaxEvents);
  for (std::uint64_t i = 0; i < count; ++i) add(log, "something");
  const auto after = *rc::gen::inRange<std::uint64_t>(0, 4 * EventLog::kMaxEvents);
  const EventLog::Page page = log.after(after);
  RC_ASSERT(page.events.size() <= EventLog::kMaxEvents);
  RC_ASSERT(page.missed + page.events.size() == (after > count ? count : count - after));
  for (std::size_t i = 0; i < page.events.size(); ++i) {
    RC_ASSERT(page.events[i].number == count - page.events.size() + 1 + i);
  }
}

class EventWaitsTest : public ::testing::Test {
 protected:
  bool wait(std::uint64_t number, Duration timeout) {
    return waits.wait(number, timeout, [this](const EventLog::Page& page) {
      ++told;
      events = page.events.size();
    });
  }
  asio::io_context io;
  EventLog log;
  EventWaits waits{io, log};
  int told = 0;
  std::size_t events = 0;
};

TEST_F(EventWaitsTest, AnswerAtOnceIfThereIsSomethingOrNobodyWantsToWait) {
  EXPECT_TRUE(wait(0, 0s));
  EXPECT_EQ(told, 1);
  EXPECT_EQ(events, 0U);
  add(log, "one");
  EXPECT_TRUE(wait(0, 10s));
  EXPECT_EQ(told, 2);
  EXPECT_EQ(events, 1U);
}

TEST_F(EventWaitsTest, AnswerAllWithTheNextButNotFromWithin) {
  wait(0, 10s);
  wait(0, 10s);
  add(log, "one");
  add(log, "two");
  EXPECT_EQ(told, 0);
  io.run();
  EXPECT_EQ(told, 2);
  EXPECT_EQ(events, 2U);
}

TEST_F(EventWaitsTest, EndWithNothing) {
  wait(0, 1ms);
  io.run();
  EXPECT_EQ(told, 1);
  EXPECT_EQ(events, 0U);
  add(log, "one");
  io.restart();
  io.run();
  EXPECT_EQ(told, 1);
}

TEST_F(EventWaitsTest, AreBounded) {
  for (std::size_t i = 0; i < EventWaits::kMaxWaits; ++i) EXPECT_TRUE(wait(0, 10s));
  EXPECT_FALSE(wait(0, 10s));
  waits.stop();
  io.run();  // ends: nothing is left that keeps it busy
  EXPECT_EQ(told, 0);
}

TEST_F(EventWaitsTest, MayWaitAgainFromWhatTheyAreTold) {
  std::optional<std::uint64_t> newest;
  waits.wait(0, 10s, [&](const EventLog::Page&) {
    waits.wait(log.newest(), 10s, [&](const EventLog::Page& page) {
      newest = page.events.back().number;
      waits.stop();
    });
  });
  add(log, "one");
  io.poll();
  EXPECT_FALSE(newest);
  add(log, "two");
  io.run();
  EXPECT_EQ(newest, 2U);
}

}  // namespace
}  // namespace thicket::node
