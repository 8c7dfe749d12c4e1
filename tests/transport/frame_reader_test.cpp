#include "transport/frame_reader.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstring>

#include "transport/network.hpp"

namespace thicket::transport {

using testing::Bytes;
using testing::framed;
using testing::to_bytes;

namespace {

/// Gives its bytes in reads of the given (cyclic) sizes.
class Canned final : public ByteStream {
 public:
  Canned(Bytes bytes, std::vector<std::size_t> steps)
      : bytes_(std::move(bytes)), steps_(std::move(steps)) {}

  IoResult read(std::span<const iovec> buffers) override {
    if (at_ == bytes_.size()) return {IoResult::Status::closed, 0};
    std::size_t most = steps_[turn_++ % steps_.size()];
    std::size_t total = 0;
    for (const iovec& buffer : buffers) {
      const std::size_t count = std::min({buffer.iov_len, most, bytes_.size() - at_});
      if (count != 0) std::memcpy(buffer.iov_base, &bytes_[at_], count);
      at_ += count;
      most -= count;
      total += count;
    }
    return {IoResult::Status::ok, total};
  }
  IoResult write(std::span<const iovec>) override { return {}; }
  IoResult secure() override { return {IoResult::Status::ok, 0}; }
  bool wants_write() const override { return false; }
  void finish() override {}
  std::string error() const override { return {}; }

 private:
  Bytes bytes_;
  std::vector<std::size_t> steps_;
  std::size_t at_ = 0;
  std::size_t turn_ = 0;
};

struct Bodies final : FrameReader::Sink {
  bool take_body(Packet body) override {
    EXPECT_GE(body.headroom(), 16u);
    bodies.push_back(to_bytes(std::as_const(body).bytes()));
    return bodies.size() < most;
  }
  std::vector<Bytes> bodies;
  std::size_t most = SIZE_MAX;
};

Result<void, routing::FrameError> read_all(Canned& stream, Bodies& sink) {
  FrameReader reader;
  while (reader.read(stream).status == IoResult::Status::ok) {
    if (const auto done = reader.hand_over(sink); !done) return done;
  }
  return {};
}

Bytes wire_of(const std::vector<Bytes>& bodies) {
  Bytes wire;
  for (const Bytes& body : bodies) {
    const Packet frame = framed(body);
    wire.insert(wire.end(), frame.bytes().begin(), frame.bytes().end());
  }
  return wire;
}

Bytes patterned(std::size_t size, std::size_t seed) {
  Bytes body(size);
  for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<std::uint8_t>(i * 7 + seed);
  return body;
}

}  // namespace

RC_GTEST_PROP(FrameReader, FindsTheSameFramesHoweverReadsAreCut, ()) {
  const auto sizes = *rc::gen::container<std::vector<std::size_t>>(
      rc::gen::oneOf(rc::gen::inRange<std::size_t>(1, 300),
                     rc::gen::inRange<std::size_t>(1, 131071), rc::gen::just<std::size_t>(127),
                     rc::gen::just<std::size_t>(128), rc::gen::just<std::size_t>(131070)));
  const auto steps = *rc::gen::nonEmpty(rc::gen::container<std::vector<std::size_t>>(rc::gen::oneOf(
      rc::gen::inRange<std::size_t>(1, 5), rc::gen::inRange<std::size_t>(1, 200000))));
  RC_PRE(steps.size() < 40 && *std::max_element(steps.begin(), steps.end()) > 3000);
  std::vector<Bytes> bodies;
  for (std::size_t i = 0; i < sizes.size() && i < 12; ++i) bodies.push_back(patterned(sizes[i], i));
  Canned stream(wire_of(bodies), steps);
  Bodies sink;
  RC_ASSERT(read_all(stream, sink).has_value());
  RC_ASSERT(sink.bodies == bodies);
}

TEST(FrameReader, OneByteAtATime) {
  const std::vector<Bytes> bodies{patterned(1, 0), patterned(200, 1), patterned(20000, 2)};
  Canned stream(wire_of(bodies), {1});
  Bodies sink;
  EXPECT_TRUE(read_all(stream, sink));
  EXPECT_EQ(sink.bodies, bodies);
}

TEST(FrameReader, RefusesBadLengths) {
  const auto error = [](Bytes wire, std::size_t step) {
    Canned stream(std::move(wire), {step});
    Bodies sink;
    const auto done = read_all(stream, sink);
    EXPECT_FALSE(done);
    return done.error();
  };
  for (const std::size_t step : {1u, 100u}) {
    EXPECT_EQ(error({0}, step), routing::FrameError::empty);
    EXPECT_EQ(error({0xff, 0xff, 0x07, 0}, step), routing::FrameError::too_long);  // 131071
    EXPECT_EQ(error(Bytes(11, 0xff), step), routing::FrameError::bad_length);
  }
}

TEST(FrameReader, StopsWhenTheSinkHasEnough) {
  Canned stream(wire_of({patterned(5, 0), patterned(6, 1), patterned(7, 2)}), {1000});
  Bodies sink;
  sink.most = 2;
  FrameReader reader;
  reader.read(stream);
  EXPECT_TRUE(reader.hand_over(sink));
  EXPECT_EQ(sink.bodies.size(), 2u);
}

}  // namespace thicket::transport
