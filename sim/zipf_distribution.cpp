#include "sim/zipf_distribution.hpp"

#include <algorithm>
#include <cmath>

#include "crypto/invariant.hpp"

namespace thicket::sim {

namespace {

// The weight of rank 0. With all kMaxRanks ranks the sum still fits into 64 bits, and the last
// weight of the steepest exponent is still more than 1.
constexpr double kFirstWeight = 8796093022208.0;  // 2^43

double power(double base, std::uint32_t exponent_permille) {
  switch (exponent_permille) {
    case 500:
      return std::sqrt(base);
    case 1000:
      return base;
    case 1500:
      return base * std::sqrt(base);
    case 2000:
      return base * base;
    default:
      return 1;
  }
}

}  // namespace

bool ZipfDistribution::supports(std::uint32_t exponent_permille) {
  return exponent_permille % 500 == 0 && exponent_permille <= 2000;
}

ZipfDistribution::ZipfDistribution(std::size_t n, std::uint32_t exponent_permille) {
  INVARIANT(n >= 1 && n <= kMaxRanks);
  INVARIANT(supports(exponent_permille));
  cumulative_.reserve(n);
  std::uint64_t sum = 0;
  for (std::size_t k = 1; k <= n; ++k) {
    sum +=
        static_cast<std::uint64_t>(kFirstWeight / power(static_cast<double>(k), exponent_permille));
    cumulative_.push_back(sum);
  }
}

std::size_t ZipfDistribution::draw(Prng& prng) const {
  const std::uint64_t value = prng.below(cumulative_.back());
  const auto found = std::ranges::upper_bound(cumulative_, value);
  return static_cast<std::size_t>(found - cumulative_.begin());
}

}  // namespace thicket::sim
