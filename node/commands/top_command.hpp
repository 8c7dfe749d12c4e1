#pragma once

#include "node/commands/command.hpp"

namespace thicket::node {

void declare_top(cxxopts::Options& options);
/// `top`: what the running node does, anew each second until it is stopped.
int top_command(const Command& command, const Arguments& arguments);

}  // namespace thicket::node
