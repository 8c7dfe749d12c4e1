#pragma once

#include "node/commands/command.hpp"

namespace thicket::node {

void declare_ping(cxxopts::Options& options);
/// `ping`: has the running node ping another one, again and again, and shows what came.
int ping_command(const Command& command, const Arguments& arguments);

}  // namespace thicket::node
