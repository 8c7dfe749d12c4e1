#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "node/commands/terminal.hpp"

namespace thicket::node {

/// What the administration request `lookup` answered, for people. `answer` may be anything: what is
/// missing in it is left out.
std::string lookup_table(std::string_view target, const nlohmann::json& answer,
                         const Terminal& terminal);

}  // namespace thicket::node
