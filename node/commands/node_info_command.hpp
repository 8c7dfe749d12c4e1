#pragma once

#include "node/commands/command.hpp"

namespace thicket::node {

/// `nodeinfo [KEY|ADDRESS]`: what a node, this one by default, tells of itself.
int node_info_command(const Command& command, const Arguments& arguments);

}  // namespace thicket::node
