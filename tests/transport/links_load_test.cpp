#include <gtest/gtest.h>

#include <algorithm>

#include "routing/frame.hpp"
#include "transport/handshake.hpp"
#include "transport/network.hpp"

// Many bytes at once.
namespace thicket::transport {

using namespace testing;

namespace {

struct Load : ::testing::TestWithParam<const char*> {
  asio::io_context io;
};

/// Frames of random size and content, the same for the same seed.
class FrameSource {
 public:
  FrameSource(std::uint64_t seed, std::size_t longest) : random_(seed), longest_(longest) {}

  Packet next_body() {
    const std::size_t kind = random_.below(8);
    const std::size_t size = 1 + random_.below(kind == 0 ? longest_ : kind < 4 ? 2000 : 200);
    Packet body(size, 16);
    const std::uint64_t start = random_.next_u64();
    for (std::size_t i = 0; i < size; ++i) {
      body.data()[i] = static_cast<std::uint8_t>(start + i * 13);
    }
    return body;
  }

 private:
  SeededRandom random_;
  std::size_t longest_;
};

}  // namespace

// Ways on which a hand-held peer can stop reading at a chosen byte.
class PlainLoad : public Load {};
INSTANTIATE_TEST_SUITE_P(Ways, PlainLoad, ::testing::Values("tcp://127.0.0.1:0", "unix"),
                         [](const auto& way) { return std::string(way.param).substr(0, 3); });

INSTANTIATE_TEST_SUITE_P(Ways, Load,
                         ::testing::Values("tcp://127.0.0.1:0", "tls://127.0.0.1:0", "unix"),
                         [](const auto& way) { return std::string(way.param).substr(0, 3); });

TEST_P(Load, AHundredMegabytesArriveAsSent) {
  constexpr std::uint64_t kTotal = 100'000'000;
  Host listener(io, 1);
  Host dialler(io, 2);
  const std::string way = GetParam();
  dialler.dial(listener.listen(way == "unix" ? "unix://" + socket_path("load") : way));
  ASSERT_TRUE(run_until(io, [&] { return listener.is_up() && dialler.is_up(); }));
  FrameSource sent(7, 131070);
  FrameSource expected(7, 131070);
  std::uint64_t produced = 0;
  std::uint64_t checked = 0;
  std::uint64_t frames = 0;
  bool equal = true;
  dialler.produce = [&](LinkId) -> std::optional<Packet> {
    if (produced >= kTotal) return std::nullopt;
    Packet frame = sent.next_body();
    produced += frame.size();
    routing::prepend_length(frame);
    return frame;
  };
  listener.on_frame = [&](LinkId, Packet& body) {
    const Packet wanted = expected.next_body();
    equal = equal && std::ranges::equal(wanted.bytes(), std::as_const(body).bytes());
    checked += body.size();
    ++frames;
  };
  dialler.links.wake(dialler.ups[0].id);
  ASSERT_TRUE(run_until(io, [&] { return (produced >= kTotal && checked == produced) || !equal; }));
  EXPECT_TRUE(equal);
  EXPECT_TRUE(dialler.downs.empty());
  // Frames come many to a read.
  EXPECT_LT(static_cast<std::uint64_t>(listener.heard[listener.ups[0].id]), frames / 2);
}

TEST_P(PlainLoad, FramesAreOnlyPulledAsFastAsThePeerReads) {
  Host listener(io, 1);
  const std::string way = GetParam();
  const std::string uri = listener.listen(way == "unix" ? "unix://" + socket_path("slow") : way);
  Host other(io, 2);
  Host reader(io, 3);
  Stranger slow(uri);
  slow.send(encode_handshake(other.identity, "", 0));
  ASSERT_TRUE(run_until(io, [&] { return listener.is_up(); }));
  reader.dial(uri);
  ASSERT_TRUE(run_until(io, [&] { return listener.is_up(2) && reader.is_up(); }));
  const LinkId slow_link = listener.ups[0].id;
  const LinkId fast_link = listener.ups[1].id;
  std::map<LinkId, std::uint64_t> pulled;
  listener.produce = [&](LinkId link) -> std::optional<Packet> {
    if (link == fast_link && pulled[link] > 20'000'000) return std::nullopt;
    Packet frame = framed(Bytes(1000, 9));
    pulled[link] += frame.size();
    return frame;
  };
  listener.links.wake(slow_link);
  listener.links.wake(fast_link);
  const LinkId reader_link = reader.ups[0].id;
  reader.on_frame = [](LinkId, Packet&) {};
  // The slow peer reads nothing at all; the other gets everything.
  ASSERT_TRUE(run_until(io, [&] { return reader.received_bytes[reader_link] >= 19'000'000; }));
  EXPECT_LT(pulled[slow_link], 12'000'000u);  // what the kernel's buffers hold on both sides
  const auto stuck = pulled[slow_link];
  listener.links.wake(slow_link);  // does not help
  io.poll();
  EXPECT_EQ(pulled[slow_link], stuck);
  // As soon as it reads, it goes on.
  ASSERT_TRUE(run_until(io, [&] { return slow.read() && pulled[slow_link] > stuck + 1'000'000; }));
}

TEST_P(Load, FramesOfOneBatchLeaveInOneWrite) {
  Host listener(io, 1);
  Host dialler(io, 2);
  const std::string way = GetParam();
  dialler.dial(listener.listen(way == "unix" ? "unix://" + socket_path("batch") : way));
  ASSERT_TRUE(run_until(io, [&] { return listener.is_up() && dialler.is_up(); }));
  const LinkId in = listener.ups[0].id;
  const int before = listener.heard[in];
  for (int i = 0; i < 100; ++i) dialler.send(dialler.ups[0].id, Bytes(50, 1));
  ASSERT_TRUE(run_until(io, [&] { return listener.received[in].size() == 100; }));
  EXPECT_EQ(listener.heard[in] - before, 1);
}

}  // namespace thicket::transport
