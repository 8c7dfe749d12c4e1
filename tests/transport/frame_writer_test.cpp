#include "transport/frame_writer.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "transport/network.hpp"

namespace thicket::transport {

using testing::Bytes;

namespace {

/// Takes writes of the given (cyclic) sizes.
class Narrow final : public ByteStream {
 public:
  explicit Narrow(std::vector<std::size_t> steps) : steps_(std::move(steps)) {}

  IoResult write(std::span<const iovec> buffers) override {
    std::size_t room = steps_[turn_++ % steps_.size()];
    std::size_t total = 0;
    bool all = true;
    for (const iovec& buffer : buffers) {
      const std::size_t count = std::min(buffer.iov_len, room);
      const auto* start = static_cast<const std::uint8_t*>(buffer.iov_base);
      taken.insert(taken.end(), start, start + count);
      room -= count;
      total += count;
      all = all && count == buffer.iov_len;
    }
    largest = std::max(largest, total);
    return {all ? IoResult::Status::ok : IoResult::Status::blocked, total};
  }
  IoResult read(std::span<const iovec>) override { return {}; }
  IoResult secure() override { return {IoResult::Status::ok, 0}; }
  bool wants_write() const override { return false; }
  void finish() override {}
  std::string error() const override { return {}; }

  Bytes taken;
  std::size_t largest = 0;

 private:
  std::vector<std::size_t> steps_;
  std::size_t turn_ = 0;
};

}  // namespace

RC_GTEST_PROP(FrameWriter, WritesEveryByteInOrder, ()) {
  const auto sizes = *rc::gen::container<std::vector<std::size_t>>(rc::gen::oneOf(
      rc::gen::inRange<std::size_t>(1, 2000), rc::gen::inRange<std::size_t>(1, 70000)));
  const auto steps = *rc::gen::nonEmpty(
      rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 100000)));
  RC_PRE(*std::max_element(steps.begin(), steps.end()) > 1000);
  Narrow stream(steps);
  FrameWriter writer;
  Bytes expected;
  std::size_t next = 0;
  while (next < sizes.size() || !writer.empty()) {
    while (next < sizes.size() && writer.wants_more()) {
      Bytes frame(sizes[next], static_cast<std::uint8_t>(next));
      ++next;
      expected.insert(expected.end(), frame.begin(), frame.end());
      writer.push(Packet::copy_of(frame, 0));
    }
    writer.write(stream);
  }
  RC_ASSERT(stream.taken == expected);
}

TEST(FrameWriter, GathersSmallFramesIntoOneWrite) {
  Narrow stream({1 << 20});
  FrameWriter writer;
  int frames = 0;
  for (; writer.wants_more(); ++frames) writer.push(Packet::copy_of(Bytes(100, 1), 0));
  EXPECT_EQ(frames, static_cast<int>(kGatherFrames));
  EXPECT_EQ(writer.write(stream).bytes, kGatherFrames * 100);
  EXPECT_TRUE(writer.empty());
}

TEST(FrameWriter, TakesFewerFramesWhenTheStreamIsNarrow) {
  FrameWriter writer;
  const auto pull = [&writer] {
    std::size_t pulled = 0;
    for (; writer.wants_more(); pulled += 1000) writer.push(Packet::copy_of(Bytes(1000, 1), 0));
    return pulled;
  };
  const std::size_t at_first = pull();
  Narrow narrow({500});
  for (int i = 0; i < 10; ++i) writer.write(narrow);
  Narrow wide({1 << 20});
  writer.write(wide);
  EXPECT_LE(pull(), at_first / 2);
  for (int i = 0; i < 10; ++i) {
    writer.write(wide);
    pull();
  }
  writer.write(wide);
  EXPECT_GT(pull(), at_first);
}

}  // namespace thicket::transport
