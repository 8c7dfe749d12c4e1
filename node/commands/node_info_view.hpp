#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "node/commands/terminal.hpp"

namespace thicket::node {

/// What getNodeInfo answered, a line for each member.
std::string node_info_view(const nlohmann::json& answer, const Terminal& terminal);

}  // namespace thicket::node
