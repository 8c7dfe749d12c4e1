#pragma once

#include <cstdint>
#include <vector>

namespace thicket::sim {

/// What a set of measured values looks like. All zero if there were none.
struct Distribution {
  std::uint64_t count = 0;
  double mean = 0;
  double p50 = 0;
  double p95 = 0;
  double p99 = 0;
  double max = 0;
};

/// Percentiles are nearest-rank: p50 of {1, 2, 3, 4} is 2.
Distribution distribution_of(std::vector<double> values);

}  // namespace thicket::sim
