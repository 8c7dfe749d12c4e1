#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/results.hpp"

namespace thicket::sim {

/// A run as one HTML page, which loads nothing from anywhere: key figures, charts, the network
/// drawn, all figures of `summary_json`, the scenario. All text in it is escaped.
std::string report_page(const Results& results, std::string_view summary_json);

/// `series` with at most `most` rows: neighbours are joined, their counts added and the rest
/// averaged. `most` must not be 0.
std::vector<Sample> thinned(const std::vector<Sample>& series, std::size_t most);

}  // namespace thicket::sim
