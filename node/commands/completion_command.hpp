#pragma once

#include "node/commands/command.hpp"

namespace thicket::node {

/// `completion bash|zsh|fish`: a script that completes this program's command lines.
int completion_command(const Command& command, const Arguments& arguments);

}  // namespace thicket::node
