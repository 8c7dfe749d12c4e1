#pragma once

#include "node/commands/command.hpp"

namespace thicket::node {

void declare_lookup(cxxopts::Options& options);
/// `lookup`: has the running node look for another one and shows how that went.
int lookup_command(const Command& command, const Arguments& arguments);

}  // namespace thicket::node
