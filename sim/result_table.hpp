#pragma once

#include <string>
#include <vector>

#include "sim/results.hpp"

namespace thicket::sim {

/// What a run found, for people: one line a figure, with units and a word of explanation.
std::string result_table(const Results& results);

/// Columns of text, padded to their widest cell, two spaces between them; the first row is the
/// heading. Columns from the second on are aligned to the right.
std::string text_columns(const std::vector<std::vector<std::string>>& rows);

}  // namespace thicket::sim
