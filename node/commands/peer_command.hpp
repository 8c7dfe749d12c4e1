#pragma once

#include "node/commands/command.hpp"

namespace thicket::node {

void declare_peer(cxxopts::Options& options);
/// `peer add|remove URI`: changes whom the running node links to, until it ends.
int peer_command(const Command& command, const Arguments& arguments);

}  // namespace thicket::node
