#include "sim/nearest_name.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace thicket::sim {

namespace {

/// Levenshtein's distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string_view nearest_name(std::string_view typed, std::span<const std::string_view> names) {
  constexpr std::size_t kLongest = 64;
  if (typed.size() > kLongest) return {};
  std::string_view best;
  std::size_t best_distance = std::max<std::size_t>(2, typed.size() / 2);
  for (const std::string_view name : names) {
    const std::size_t d = distance(typed, name);
    if (d < best_distance || (d == best_distance && best.empty())) {
      best = name;
      best_distance = d;
    }
  }
  return best;
}

}  // namespace thicket::sim
