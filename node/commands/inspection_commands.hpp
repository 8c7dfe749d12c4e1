#pragma once

#include <span>

#include "node/commands/command.hpp"

namespace thicket::node {

/// The commands that show what the running node is doing, and change its peers.
std::span<const Command> inspection_commands();

}  // namespace thicket::node
