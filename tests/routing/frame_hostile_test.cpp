#include <gtest/gtest.h>

#include "routing/frame.hpp"
#include "routing/uvarint.hpp"
#include "routing/wire_bytes.hpp"

namespace thicket::routing {
namespace {

using test::Bytes;
using test::join;

const Bytes kKey(32, 0xaa);
const Bytes kSignature(64, 0xbb);

struct Sample {
  FrameType type;
  Bytes body;
};

// One good body of every type that has fields.
std::vector<Sample> samples() {
  const Bytes path{1, 2, 0};
  return {
      {FrameType::sig_req, {2, 7, 9}},
      {FrameType::sig_res, join({{3, 1, 2, 3}, kSignature})},
      {FrameType::announce, join({{4}, kKey, kKey, {1, 2, 3}, kSignature, kSignature})},
      {FrameType::bloom_filter, join({{5}, BloomFilter().encode()})},
      {FrameType::path_lookup, join({{6}, kKey, kKey, path})},
      {FrameType::path_notify, join({{7}, path, {5}, kKey, kKey, {1}, path, kSignature})},
      {FrameType::path_broken, join({{8}, path, {5}, kKey, kKey})},
      {FrameType::traffic, join({{9}, path, path, kKey, kKey, {5}})},
  };
}

/// nullopt: decoded well.
std::optional<FrameError> error_of(const Bytes& body) {
  const test::ExactBuffer exact(body);
  const auto frame = decode_frame(exact.view());
  return frame ? std::nullopt : std::optional(frame.error());
}

TEST(HostileFrame, WithoutAType) {
  EXPECT_EQ(error_of({}), FrameError::empty);
}

TEST(HostileFrame, OfUnknownType) {
  EXPECT_EQ(error_of({10}), FrameError::unknown_type);
  EXPECT_EQ(error_of(join({{255}, Bytes(20, 0)})), FrameError::unknown_type);
  EXPECT_EQ(peek_type(Bytes{10}), std::nullopt);
  EXPECT_EQ(peek_type({}), std::nullopt);
}

TEST(HostileFrame, AtAndOverTheSizeLimit) {
  EXPECT_EQ(error_of(Bytes(kMaxFrameSize, 0)), std::nullopt);
  EXPECT_EQ(error_of(Bytes(kMaxFrameSize + 1, 0)), FrameError::too_long);
  Bytes traffic = samples().back().body;
  traffic.resize(kMaxFrameSize);
  EXPECT_TRUE(decode_traffic(traffic));
  traffic.push_back(0);
  EXPECT_EQ(decode_traffic(traffic).error(), FrameError::too_long);
}

TEST(HostileFrame, DummyAndKeepaliveWithABodyAreIgnored) {
  EXPECT_EQ(error_of(join({{0}, Bytes(10, 0)})), std::nullopt);
  EXPECT_EQ(error_of(join({{1}, Bytes(10, 0)})), std::nullopt);
}

TEST(HostileFrame, SamplesAreGood) {
  for (const Sample& sample : samples()) {
    EXPECT_EQ(error_of(sample.body), std::nullopt) << static_cast<int>(sample.type);
    EXPECT_EQ(peek_type(sample.body), sample.type);
  }
}

TEST(HostileFrame, CutShortAnywhere) {
  for (const Sample& sample : samples()) {
    for (std::size_t size = 1; size < sample.body.size(); ++size) {
      const Bytes cut(sample.body.begin(), sample.body.begin() + static_cast<long>(size));
      const FrameError expected =
          sample.type == FrameType::bloom_filter ? FrameError::bad_filter : FrameError::truncated;
      EXPECT_EQ(error_of(cut), expected) << static_cast<int>(sample.type) << " at " << size;
    }
  }
}

TEST(HostileFrame, WithLeftOverBytes) {
  for (const Sample& sample : samples()) {
    const std::optional<FrameError> error = error_of(join({sample.body, {5}}));
    if (sample.type == FrameType::traffic) {
      EXPECT_EQ(error, std::nullopt);
    } else if (sample.type == FrameType::bloom_filter) {
      EXPECT_EQ(error, FrameError::bad_filter);
    } else {
      EXPECT_EQ(error, FrameError::left_over_bytes) << static_cast<int>(sample.type);
    }
  }
}

TEST(HostileFrame, WithMalformedNumbers) {
  const Bytes eleven_bytes = test::unhex("8180808080808080808000");
  const Bytes sixty_five_bits = test::unhex("ffffffffffffffffff02");
  const Bytes largest = test::unhex("ffffffffffffffffff01");
  EXPECT_EQ(error_of(join({{2}, eleven_bytes, {7}})), FrameError::bad_uvarint);
  EXPECT_EQ(error_of(join({{2}, sixty_five_bits, {7}})), FrameError::bad_uvarint);
  EXPECT_EQ(error_of(join({{2}, {0x87, 0x00}, {7}})), std::nullopt);
  EXPECT_EQ(error_of(join({{2}, largest, largest})), std::nullopt);
  // Within a path as well.
  EXPECT_EQ(error_of(join({{8, 1}, sixty_five_bits, {0, 5}, kKey, kKey})), FrameError::bad_uvarint);
}

TEST(HostileFrame, WithAPathThatNeverEnds) {
  EXPECT_EQ(error_of(join({{9}, Bytes(5000, 1)})), FrameError::truncated);
}

TEST(HostileFrame, WithAPathOfAHundredThousandHops) {
  const Bytes body = join({{9}, Bytes(100000, 1), {0}, {0}, kKey, kKey, {5}, {0xee}});
  const auto frame = decode_traffic(body);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->path.to_path().size(), 100000u);
  EXPECT_EQ(tree_distance(frame->path, Path{Port{1}, Port{2}}), 100000u + 2 - 2);
}

TEST(HostileFrame, WhoseTypeIsNotTraffic) {
  EXPECT_EQ(decode_traffic(samples().front().body).error(), FrameError::unknown_type);
  EXPECT_EQ(decode_traffic({}).error(), FrameError::empty);
}

TEST(FrameLength, IsErroneousOrIncompleteOrKnown) {
  EXPECT_EQ(decode_length(Bytes{0}).error(), FrameError::empty);
  EXPECT_EQ(decode_length(Bytes{0x80, 0}).error(), FrameError::empty);
  EXPECT_EQ(decode_length(test::unhex("8180808080808080808000")).error(), FrameError::bad_length);

  Bytes wire;
  append_uvarint(wire, kMaxFrameSize + 1);
  EXPECT_EQ(decode_length(wire).error(), FrameError::too_long);
  wire.clear();
  append_uvarint(wire, std::uint64_t{1} << 62);
  EXPECT_EQ(decode_length(wire).error(), FrameError::too_long);

  wire.clear();
  append_uvarint(wire, kMaxFrameSize);
  const auto largest = decode_length(wire);
  ASSERT_TRUE(largest && *largest);
  EXPECT_EQ((*largest)->body_size, kMaxFrameSize);
  EXPECT_EQ((*largest)->prefix_size, 3u);

  ASSERT_TRUE(decode_length({}));
  EXPECT_FALSE(*decode_length({}));
  ASSERT_TRUE(decode_length(Bytes{0x83}));
  EXPECT_FALSE(*decode_length(Bytes{0x83}));
  const auto longer_than_minimal = decode_length(Bytes{0x83, 0x00, 2, 7, 7});
  ASSERT_TRUE(longer_than_minimal && *longer_than_minimal);
  EXPECT_EQ((*longer_than_minimal)->body_size, 3u);
  EXPECT_EQ((*longer_than_minimal)->prefix_size, 2u);
}

TEST(FrameError, HasWordsForEveryValue) {
  for (const FrameError error :
       {FrameError::empty, FrameError::too_long, FrameError::bad_length, FrameError::unknown_type,
        FrameError::truncated, FrameError::left_over_bytes, FrameError::bad_uvarint,
        FrameError::bad_filter}) {
    EXPECT_NE(describe(error), "unknown frame error");
  }
}

}  // namespace
}  // namespace thicket::routing
