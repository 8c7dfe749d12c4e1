#include "sim/trace.hpp"

#include <gtest/gtest.h>

#include <array>

namespace thicket::sim {
namespace {

TraceEvent frame(NodeIndex from, NodeIndex to, std::uint64_t digest) {
  return {0, std::chrono::milliseconds(1500), TraceKind::frame_sent, from, to, 4, 232, digest};
}

TEST(Trace, HashDependsOnEveryField) {
  const auto hash_of = [](const TraceEvent& event) {
    Trace trace(1);
    trace.record(event);
    return trace.hash();
  };
  const TraceEvent base = frame(1, 2, 3);
  std::array changed{base, base, base, base, base, base, base};
  changed[0].at += Duration(1);
  changed[1].kind = TraceKind::frame_received;
  changed[2].node = 5;
  changed[3].peer = 5;
  changed[4].frame_type = 5;
  changed[5].size = 5;
  changed[6].digest = 5;
  for (const TraceEvent& event : changed) EXPECT_NE(hash_of(event), hash_of(base));
  EXPECT_EQ(hash_of(frame(1, 2, 3)), hash_of(base));
}

TEST(Trace, HashDependsOnTheOrder) {
  Trace one(1);
  one.record(frame(1, 2, 3));
  one.record(frame(2, 1, 3));
  Trace other(1);
  other.record(frame(2, 1, 3));
  other.record(frame(1, 2, 3));
  EXPECT_NE(one.hash(), other.hash());
}

TEST(Trace, KeepsTheLastEventsInOrder) {
  Trace trace(3);
  EXPECT_TRUE(trace.last().empty());
  for (NodeIndex node = 0; node < 5; ++node) trace.record(frame(node, 9, 0));
  const auto last = trace.last();
  ASSERT_EQ(last.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(last[i].node, i + 2);
    EXPECT_EQ(last[i].number, i + 3);
  }
}

TEST(Trace, EventsReadAsOneLine) {
  Trace trace(1);
  std::string line;
  trace.set_listener([&](const TraceEvent& event) { line = describe(event); });
  trace.record(frame(17, 4, 0xabc));
  EXPECT_EQ(line, "   1.500000000 #1 17 > 4 Announce 232 B 0000000000000abc");
}

}  // namespace
}  // namespace thicket::sim
