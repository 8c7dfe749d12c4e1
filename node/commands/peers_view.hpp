#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "node/commands/terminal.hpp"

namespace thicket::node {

/// What getPeers answered: a line for each peer, then what went wrong with those that are down.
/// `answer` may be anything, here and in all views: what is missing in it is left out.
std::string peers_view(const nlohmann::json& answer, const Terminal& terminal);

}  // namespace thicket::node
