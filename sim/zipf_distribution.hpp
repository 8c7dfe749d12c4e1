#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/prng.hpp"

namespace thicket::sim {

/// Ranks 0 … n-1, where rank k is drawn with a probability in proportion to 1 / (k+1)^exponent.
/// The weights are integers made with divisions and square roots alone, so that draws are the same
/// on any machine.
class ZipfDistribution {
 public:
  static constexpr std::size_t kMaxRanks = std::size_t{1} << 20;
  /// Whether there are weights for this exponent: 0, 500, 1000, 1500 or 2000 thousandths.
  static bool supports(std::uint32_t exponent_permille);

  /// `n` in [1, kMaxRanks]; the exponent must be a supported one. 0 is the uniform distribution.
  ZipfDistribution(std::size_t n, std::uint32_t exponent_permille);

  std::size_t size() const { return cumulative_.size(); }
  /// A rank in [0, size()); takes O(log n).
  std::size_t draw(Prng& prng) const;

 private:
  std::vector<std::uint64_t> cumulative_;
};

}  // namespace thicket::sim
