#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "routing/bloom_filter.hpp"
#include "routing/murmur3.hpp"
#include "routing/wire_bytes.hpp"
#include "routing/wire_generators.hpp"

namespace thicket::routing {
namespace {

using test::Bytes;

nlohmann::json vectors() {
  std::ifstream file(THICKET_SOURCE_DIR "/tests/vectors/bloom.json");
  return nlohmann::json::parse(file);
}

LookupKey lookup_key(const std::string& hex) {
  return test::fixed_from_hex<LookupKey>(hex);
}

// wire.md §1, spelt out anew so that these tests stand alone: a subnet holds the key's leading
// zeros, the one after them and 48 more bits; the rest of the lookup key is ones.
LookupKey lookup_key_of_public_key(const std::string& hex) {
  LookupKey key = lookup_key(hex);
  const auto bit = [&key](std::size_t i) { return (key.bytes[i / 8] >> (7 - i % 8)) & 1; };
  std::size_t leading_zeros = 0;
  while (bit(leading_zeros) == 0) ++leading_zeros;
  for (std::size_t i = leading_zeros + 1 + 48; i < 256; ++i) {
    key.bytes[i / 8] = static_cast<std::uint8_t>(key.bytes[i / 8] | 0x80 >> (i % 8));
  }
  return key;
}

BloomFilter decoded(const Bytes& wire) {
  const auto filter = BloomFilter::decode(test::ExactBuffer(wire).view());
  EXPECT_TRUE(filter.has_value());
  return filter.value_or(BloomFilter());
}

TEST(Murmur3, AgreesWithTheVectors) {
  const nlohmann::json all = vectors();
  ASSERT_FALSE(all["murmur3_x64_128"].empty());
  for (const auto& vector : all["murmur3_x64_128"]) {
    const test::ExactBuffer data(test::unhex(vector["data"].get<std::string>()));
    const auto hash = murmur3_x64_128(data.view());
    EXPECT_EQ(hash[0], std::stoull(vector["h"][0].get<std::string>(), nullptr, 16));
    EXPECT_EQ(hash[1], std::stoull(vector["h"][1].get<std::string>(), nullptr, 16));
  }
}

TEST(BloomFilter, PositionsAgreeWithTheVectors) {
  const nlohmann::json all = vectors();
  ASSERT_FALSE(all["positions"].empty());
  for (const auto& vector : all["positions"]) {
    const auto positions = BloomFilter::positions(lookup_key(vector["xkey"]));
    EXPECT_EQ(std::vector<int>(positions.begin(), positions.end()),
              vector["bits"].get<std::vector<int>>());
    BloomFilter filter;
    filter.add(positions);
    EXPECT_EQ(filter.encode(), test::unhex(vector["filter"].get<std::string>()));
  }
}

TEST(BloomFilter, AgreesWithCapturedFilters) {
  const nlohmann::json all = vectors();
  ASSERT_FALSE(all["captured"].empty());
  for (const auto& vector : all["captured"]) {
    BloomFilter filter;
    for (const auto& key : vector["keys"]) {
      filter.add(BloomFilter::positions(lookup_key_of_public_key(key)));
    }
    const Bytes wire = test::unhex(vector["filter"].get<std::string>());
    EXPECT_EQ(filter.ones(), vector["ones"].get<std::size_t>());
    EXPECT_EQ(filter.encode(), wire);
    EXPECT_EQ(decoded(wire), filter);
  }
}

TEST(BloomFilter, EmptyAndFullFiltersAreAllFlags) {
  const Bytes none = test::join({Bytes(16, 0xff), Bytes(16, 0)});
  EXPECT_TRUE(decoded(none).empty());
  EXPECT_EQ(BloomFilter().encode(), none);
  const Bytes full = test::join({Bytes(16, 0), Bytes(16, 0xff)});
  EXPECT_EQ(decoded(full).ones(), BloomFilter::kBits);
  EXPECT_EQ(decoded(full).encode(), full);
}

TEST(BloomFilter, AcceptsUnflaggedWordsOfZerosOrOnes) {
  EXPECT_TRUE(decoded(Bytes(32 + 1024, 0)).empty());
  EXPECT_EQ(decoded(test::join({Bytes(32, 0), Bytes(1024, 0xff)})).ones(), BloomFilter::kBits);
}

TEST(BloomFilter, RefusesMalformedForms) {
  EXPECT_FALSE(BloomFilter::decode({}));
  EXPECT_FALSE(BloomFilter::decode(Bytes(31, 0)));
  const Bytes both_flags(32, 0xff);
  EXPECT_FALSE(BloomFilter::decode(both_flags));
  const Bytes empty = BloomFilter().encode();
  EXPECT_FALSE(BloomFilter::decode(test::join({empty, Bytes(1, 0)})));
  EXPECT_FALSE(BloomFilter::decode(test::join({empty, Bytes(8, 0)})));
  Bytes missing_word = empty;
  missing_word[0] = 0x7f;
  EXPECT_FALSE(BloomFilter::decode(missing_word));
  EXPECT_FALSE(BloomFilter::decode(test::join({missing_word, Bytes(7, 0)})));
  EXPECT_TRUE(BloomFilter::decode(test::join({missing_word, Bytes(8, 0)})));
}

RC_GTEST_PROP(BloomFilter, DecodeUndoesEncode, ()) {
  const BloomFilter filter = *test::any_filter();
  const Bytes wire = filter.encode();
  RC_ASSERT(wire.size() <= BloomFilter::kMaxWireSize);
  const auto again = BloomFilter::decode(test::ExactBuffer(wire).view());
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == filter);
}

RC_GTEST_PROP(BloomFilter, NeverLosesAKey, ()) {
  const auto keys = *rc::gen::container<std::vector<LookupKey>>(test::any_fixed<LookupKey>());
  BloomFilter filter;
  for (const LookupKey& key : keys) filter.add(BloomFilter::positions(key));
  for (const LookupKey& key : keys) {
    RC_ASSERT(filter.may_contain(BloomFilter::positions(key)));
  }
}

TEST(BloomFilter, RarelyClaimsAKeyItWasNotGiven) {
  BloomFilter filter;
  LookupKey key;
  const auto number = [&key](int i) -> const LookupKey& {
    key.bytes[0] = static_cast<std::uint8_t>(i);
    key.bytes[1] = static_cast<std::uint8_t>(i >> 8);
    return key;
  };
  for (int i = 0; i < 200; ++i) filter.add(BloomFilter::positions(number(i)));
  int claims = 0;
  for (int i = 200; i < 10200; ++i) claims += filter.may_contain(BloomFilter::positions(number(i)));
  // At most 1600 of 8192 bits are set: a chance of (1600/8192)^8 = 2 in a million each.
  EXPECT_LE(claims, 2);
}

BloomFilter merged(BloomFilter a, const BloomFilter& b) {
  a.merge(b);
  return a;
}

RC_GTEST_PROP(BloomFilter, MergeIsAUnion, ()) {
  const BloomFilter a = *test::any_filter();
  const BloomFilter b = *test::any_filter();
  const BloomFilter c = *test::any_filter();
  RC_ASSERT(merged(a, b) == merged(b, a));
  RC_ASSERT(merged(merged(a, b), c) == merged(a, merged(b, c)));
  RC_ASSERT(merged(a, a) == a);
  RC_ASSERT(merged(a, BloomFilter()) == a);
  RC_ASSERT(merged(a, b).includes(a));
  RC_ASSERT(merged(a, b).includes(b));
  RC_ASSERT(a.includes(b) == (merged(a, b) == a));
}

RC_GTEST_PROP(BloomFilter, WhatDecodesMeansTheSameWhenEncoded, ()) {
  Bytes wire = (*test::any_filter()).encode();
  const auto at = *rc::gen::inRange<std::size_t>(0, wire.size());
  wire[at] = *rc::gen::arbitrary<std::uint8_t>();
  const auto filter = BloomFilter::decode(test::ExactBuffer(wire).view());
  if (filter) {
    const Bytes canonical = filter->encode();
    RC_ASSERT(canonical.size() <= wire.size());
    RC_ASSERT(BloomFilter::decode(canonical) == filter);
  }
}

}  // namespace
}  // namespace thicket::routing
