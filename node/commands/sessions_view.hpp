#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "node/commands/terminal.hpp"

namespace thicket::node {

/// What getSessions answered: a line for each session, those with most traffic first.
std::string sessions_view(const nlohmann::json& answer, const Terminal& terminal);

}  // namespace thicket::node
