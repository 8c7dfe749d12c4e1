#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "node/commands/terminal.hpp"

namespace thicket::node {

/// What getPaths answered: a line for each path, with the ports from the root down.
std::string paths_view(const nlohmann::json& answer, const Terminal& terminal);

}  // namespace thicket::node
