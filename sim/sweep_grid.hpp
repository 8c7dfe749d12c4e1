#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/result.hpp"
#include "sim/scenario.hpp"

namespace thicket::sim {

/// One run of a sweep.
struct SweepPoint {
  std::string name;   ///< "topology.nodes=100_seed=3": fit for a folder, different for every point
  std::string group;  ///< the same without the seed
  Overrides overrides;  ///< the seed among them, if seeds were given
};

/// The most points a sweep may have.
constexpr std::size_t kMaxPoints = 1'000'000;

/// All combinations of the values of `settings` ("100,200,400"; commas in brackets or quotes do not
/// count) and of `seeds`; the last changes fastest. Fails with a sentence.
Result<std::vector<SweepPoint>, std::string> sweep_points(const Overrides& settings,
                                                          const std::vector<std::uint64_t>& seeds);

/// "1..10", "1,2,5" or a mixture; empty: none. Fails with a sentence.
Result<std::vector<std::uint64_t>, std::string> parse_seeds(std::string_view text);

/// `word` as one word of a POSIX shell.
std::string shell_quoted(std::string_view word);

}  // namespace thicket::sim
