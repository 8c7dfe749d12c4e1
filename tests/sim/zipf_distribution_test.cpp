#include "sim/zipf_distribution.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace thicket::sim {
namespace {

class ZipfExponent : public testing::TestWithParam<std::uint32_t> {};

TEST_P(ZipfExponent, DrawsRanksInProportionToTheirWeights) {
  const std::size_t n = 5;
  const ZipfDistribution zipf(n, GetParam());
  std::vector<double> weights;
  double sum = 0;
  for (std::size_t k = 1; k <= n; ++k) {
    weights.push_back(std::pow(static_cast<double>(k), -static_cast<double>(GetParam()) / 1000));
    sum += weights.back();
  }
  Prng prng(GetParam());
  std::vector<int> count(n);
  const int draws = 100'000;
  for (int i = 0; i < draws; ++i) ++count.at(zipf.draw(prng));
  for (std::size_t k = 0; k < n; ++k) EXPECT_NEAR(count[k], draws * weights[k] / sum, 800) << k;
}

INSTANTIATE_TEST_SUITE_P(All, ZipfExponent, testing::Values(0, 500, 1000, 1500, 2000));

TEST(ZipfDistribution, KnowsWhatItSupports) {
  EXPECT_TRUE(ZipfDistribution::supports(1500));
  EXPECT_FALSE(ZipfDistribution::supports(1200));
  EXPECT_FALSE(ZipfDistribution::supports(2500));
}

TEST(ZipfDistribution, OfOneRankDrawsIt) {
  Prng prng(1);
  EXPECT_EQ(ZipfDistribution(1, 1000).draw(prng), 0u);
}

TEST(ZipfDistribution, OfAllRanksDoesNotOverflow) {
  const ZipfDistribution uniform(ZipfDistribution::kMaxRanks, 0);
  Prng prng(2);
  std::size_t above_half = 0;
  for (int i = 0; i < 1000; ++i) {
    const std::size_t rank = uniform.draw(prng);
    ASSERT_LT(rank, uniform.size());
    above_half += rank >= uniform.size() / 2 ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(above_half), 500, 80);
}

}  // namespace
}  // namespace thicket::sim
