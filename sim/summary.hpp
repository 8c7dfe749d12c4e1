#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <variant>

#include "crypto/result.hpp"
#include "sim/results.hpp"

namespace thicket::sim {

/// A figure, or a text (the version, the name of a policy, a hash, …).
using SummaryValue = std::variant<double, std::string>;
/// A summary.json read back, flat: members of nested objects are "outer.inner"; null and lists are
/// left out, true and false are 1 and 0. By name.
using Summary = std::map<std::string, SummaryValue>;

/// All figures of a run as a JSON object, keys always in the same order: for summary.json. A
/// Distribution `x` becomes x_mean, x_p50, x_p95, x_p99, x_max and x_count.
std::string summary_json(const Results& results);

/// `path`: a summary.json, or the folder that holds one. The error is readable and names the file.
Result<Summary, std::string> read_summary(const std::filesystem::path& path);

}  // namespace thicket::sim
