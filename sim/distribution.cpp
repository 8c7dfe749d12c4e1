#include "sim/distribution.hpp"

#include <algorithm>

namespace thicket::sim {

Distribution distribution_of(std::vector<double> values) {
  Distribution distribution;
  if (values.empty()) return distribution;
  std::sort(values.begin(), values.end());
  const std::size_t count = values.size();
  const auto percentile = [&](std::size_t percent) {
    return values[std::max<std::size_t>((count * percent + 99) / 100, 1) - 1];
  };
  distribution.count = count;
  double sum = 0;
  for (const double value : values) sum += value;
  distribution.mean = sum / static_cast<double>(count);
  distribution.p50 = percentile(50);
  distribution.p95 = percentile(95);
  distribution.p99 = percentile(99);
  distribution.max = values.back();
  return distribution;
}

}  // namespace thicket::sim
