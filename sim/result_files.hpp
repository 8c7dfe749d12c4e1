#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "crypto/result.hpp"
#include "sim/results.hpp"

namespace thicket::sim {

/// One row per sample; the first line names the columns, with units.
std::string series_csv(const Results& results);
/// One row per ping outcome.
std::string pings_csv(const Results& results);
/// A histogram of the stretch in hops: steps of 0.1.
std::string stretch_csv(const Results& results);

/// Writes a file at once or not at all: under another name first, then renamed. The error is
/// readable and names the file.
Result<void, std::string> write_file(const std::filesystem::path& path, std::string_view content);

/// Writes summary.json, series.csv, pings.csv and stretch.csv into a folder, which is made if it is
/// not there.
Result<void, std::string> write_results(const Results& results,
                                        const std::filesystem::path& directory);

}  // namespace thicket::sim
