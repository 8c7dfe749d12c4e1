#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "node/terminal.hpp"

namespace thicket::node {

/// What getStatus answered, on one screen.
std::string status_view(const nlohmann::json& answer, const Terminal& terminal);

}  // namespace thicket::node
