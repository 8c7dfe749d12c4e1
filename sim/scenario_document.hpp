#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "crypto/result.hpp"
#include "sim/scenario.hpp"

namespace thicket::sim {

/// Parses JSON of at most kMaxScenarioBytes that nests a little and names no key twice. Errors say
/// "name:line: ...".
Result<nlohmann::json, std::string> parse_document(std::string_view text, std::string_view name);

/// Puts overrides into a document, in their order. Objects that are missing on the way are made;
/// numbers in a key are places in a list, of which the next free one may be named as well.
Result<void, std::string> apply_overrides(nlohmann::json& document, const Overrides& overrides);

}  // namespace thicket::sim
