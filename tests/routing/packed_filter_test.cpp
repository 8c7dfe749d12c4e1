#include "routing/packed_filter.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "routing/wire_generators.hpp"

namespace thicket::routing {
namespace {

BloomFilter full() {
  BloomFilter filter;
  for (std::size_t bit = 0; bit < BloomFilter::kBits; ++bit) {
    BloomFilter::Positions same;
    same.fill(static_cast<std::uint16_t>(bit));
    filter.add(same);
  }
  return filter;
}

TEST(PackedFilter, EmptyAndFullOnesTakeNoMemoryBesideTheObject) {
  EXPECT_EQ(PackedFilter().state_bytes(), 0U);
  EXPECT_EQ(PackedFilter().unpack(), BloomFilter());
  EXPECT_EQ(PackedFilter(full()).state_bytes(), 0U);
  EXPECT_EQ(PackedFilter(full()).unpack(), full());
  EXPECT_NE(PackedFilter(full()), PackedFilter());
}

TEST(PackedFilter, OneKeyTakesOneWordForEachOfItsBitsAtMost) {
  BloomFilter filter;
  filter.add(BloomFilter::positions(LookupKey()));
  EXPECT_GT(PackedFilter(filter).state_bytes(), 0U);
  EXPECT_LE(PackedFilter(filter).state_bytes(), BloomFilter::kHashes * 8);
}

RC_GTEST_PROP(PackedFilter, UnpacksToWhatWasPacked, ()) {
  const BloomFilter filter = *test::any_filter();
  RC_ASSERT(PackedFilter(filter).unpack() == filter);
  RC_ASSERT(PackedFilter(filter).ones() == filter.ones());
  RC_ASSERT(PackedFilter(PackedFilter(filter).unpack()) == PackedFilter(filter));
}

RC_GTEST_PROP(PackedFilter, TellsApartWhatDiffersInOneBit, ()) {
  const BloomFilter filter = *test::any_filter();
  BloomFilter::Positions same;
  same.fill(*rc::gen::inRange<std::uint16_t>(0, BloomFilter::kBits));
  BloomFilter other = filter;
  other.add(same);
  RC_ASSERT((PackedFilter(other) == PackedFilter(filter)) == (other == filter));
  RC_ASSERT(PackedFilter(other).may_contain(same));
  RC_ASSERT(PackedFilter(filter).may_contain(same) == filter.may_contain(same));
}

TEST(PackedFilter, FindsEveryBitAndNoOther) {
  BloomFilter filter;
  for (std::size_t bit = 0; bit < BloomFilter::kBits; bit += bit < 640 ? 1 : 97) {
    BloomFilter::Positions same;
    same.fill(static_cast<std::uint16_t>(bit));
    filter.add(same);
  }
  const PackedFilter packed(filter);
  for (std::size_t bit = 0; bit < BloomFilter::kBits; ++bit) {
    BloomFilter::Positions same;
    same.fill(static_cast<std::uint16_t>(bit));
    ASSERT_EQ(packed.may_contain(same), filter.may_contain(same)) << bit;
  }
}

RC_GTEST_PROP(BloomFilter, RemoveAndIntersectShareOutWhatWasThere, ()) {
  const BloomFilter filter = *test::any_filter();
  const BloomFilter other = *test::any_filter();
  BloomFilter without = filter;
  without.remove(other);
  BloomFilter both = filter;
  both.intersect(other);
  RC_ASSERT(without.ones() + both.ones() == filter.ones());
  RC_ASSERT(other.includes(both));
  without.merge(both);
  RC_ASSERT(without == filter);
}

}  // namespace
}  // namespace thicket::routing
