#include "sim/distribution.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace thicket::sim {
namespace {

TEST(Distribution, IsZeroOfNothing) {
  const Distribution none = distribution_of({});
  EXPECT_EQ(none.count, 0u);
  EXPECT_EQ(none.mean, 0);
  EXPECT_EQ(none.max, 0);
}

TEST(Distribution, TakesNearestRanks) {
  const Distribution four = distribution_of({4, 1, 3, 2});
  EXPECT_EQ(four.count, 4u);
  EXPECT_EQ(four.mean, 2.5);
  EXPECT_EQ(four.p50, 2);
  EXPECT_EQ(four.p95, 4);
  std::vector<double> hundred;
  for (int i = 100; i > 0; --i) hundred.push_back(i);
  const Distribution all = distribution_of(hundred);
  EXPECT_EQ(all.p50, 50);
  EXPECT_EQ(all.p95, 95);
  EXPECT_EQ(all.p99, 99);
  EXPECT_EQ(all.max, 100);
}

RC_GTEST_PROP(Distribution, PercentilesCoverTheirShare, (std::vector<int> numbers)) {
  RC_PRE(!numbers.empty());
  const std::vector<double> values(numbers.begin(), numbers.end());
  const Distribution found = distribution_of(values);
  const auto covered = [&](double limit) {
    return std::ranges::count_if(values, [&](double value) { return value <= limit; }) * 100;
  };
  const auto count = static_cast<std::ptrdiff_t>(values.size());
  RC_ASSERT(covered(found.p50) >= 50 * count);
  RC_ASSERT(covered(found.p95) >= 95 * count);
  RC_ASSERT(covered(found.p99) >= 99 * count);
  RC_ASSERT(found.p50 <= found.p95 && found.p95 <= found.p99 && found.p99 <= found.max);
}

}  // namespace
}  // namespace thicket::sim
