#pragma once

#include "node/commands/command.hpp"

namespace thicket::node {

void declare_trace(cxxopts::Options& options);
/// `trace`: follows a packet for another node through the mesh, and shows each hop as it is found.
int trace_command(const Command& command, const Arguments& arguments);

}  // namespace thicket::node
