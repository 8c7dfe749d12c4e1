#include "routing/dht/path_record.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "dht/generators.hpp"
#include "routing/dht/limits.hpp"

namespace thicket::routing::dht {
namespace {

constexpr std::uint64_t kNow = 1'700'000'000;

RC_GTEST_PROP(PathRecord, DecodesWhatWasEncoded, ()) {
  const PathRecord record = *test::any_record();
  const auto bytes = record.encode();
  RC_ASSERT(bytes.size() == record.encoded_size());
  const auto decoded = PathRecord::decode(bytes);
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == record);
  auto longer = bytes;
  longer.push_back(0);
  RC_ASSERT(!PathRecord::decode(longer));
  RC_ASSERT(!PathRecord::decode(ByteView(bytes).first(bytes.size() - 1)));
}

class PathRecordTest : public testing::Test {
 protected:
  PathRecord record(std::uint64_t seq) const {
    return make_record(identity, seq, {3, 1, 0}, cryptography);
  }
  SeededRandom random{7};
  KeyPair identity = KeyPair::generate(random);
  SodiumCryptography cryptography;
};

TEST_F(PathRecordTest, TheAgeCounts) {
  EXPECT_EQ(check(record(kNow), kNow, cryptography), std::nullopt);
  EXPECT_EQ(check(record(kNow - 1800), kNow, cryptography), std::nullopt);
  EXPECT_EQ(check(record(kNow - 1801), kNow, cryptography), RecordError::too_old);
  EXPECT_EQ(check(record(kNow + 120), kNow, cryptography), std::nullopt);
  EXPECT_EQ(check(record(kNow + 121), kNow, cryptography), RecordError::in_future);
  EXPECT_EQ(check(record(0), kNow, cryptography), RecordError::too_old);
  EXPECT_EQ(check(record(~std::uint64_t{0}), kNow, cryptography), RecordError::in_future);
}

TEST_F(PathRecordTest, EveryPartIsSigned) {
  const PathRecord good = record(kNow);
  PathRecord other = good;
  other.seq += 1;
  EXPECT_EQ(check(other, kNow, cryptography), RecordError::forged);
  other = good;
  other.coords = {3, 2, 0};
  EXPECT_EQ(check(other, kNow, cryptography), RecordError::forged);
  other = good;
  other.key = KeyPair::generate(random).public_key();
  EXPECT_EQ(check(other, kNow, cryptography), RecordError::forged);
  other = good;
  other.sig.bytes[10] ^= 1;
  EXPECT_EQ(check(other, kNow, cryptography), RecordError::forged);
}

TEST_F(PathRecordTest, RefusesPathsTooLongOrNotMinimal) {
  PathRecord deep = record(kNow);
  deep.coords = encode_path(Path(limits::kPathBytes, Port{1}));
  const auto refused = PathRecord::decode(deep.encode());
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error(), RecordError::path_too_long);
  PathRecord padded = record(kNow);
  padded.coords = {0x83, 0x00, 0};
  EXPECT_FALSE(PathRecord::decode(padded.encode()).has_value());
}

}  // namespace
}  // namespace thicket::routing::dht
