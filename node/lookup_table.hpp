#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace thicket::node {

/// What the administration request `lookup` answered, for people: at most 80 columns wide. `answer`
/// may be anything: what is missing in it is left out.
std::string lookup_table(std::string_view target, const nlohmann::json& answer);

}  // namespace thicket::node
