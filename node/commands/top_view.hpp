#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "node/commands/terminal.hpp"

// What `thicket top` shows of an answer to getStatus.
namespace thicket::node {

/// A screen: how the node is, its peers with their rates, its sessions.
std::string top_view(const nlohmann::json& status, const Terminal& terminal);
/// The first of that in one line.
std::string top_line(const nlohmann::json& status, const Terminal& terminal);

}  // namespace thicket::node
