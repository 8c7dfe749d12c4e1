#pragma once

#include "node/commands/command.hpp"

namespace thicket::node {

void declare_reload(cxxopts::Options& options);
int reload_command(const Command& command, const Arguments& arguments);

}  // namespace thicket::node
