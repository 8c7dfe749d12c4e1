#pragma once

#include "node/commands/command.hpp"

// Commands that show one answer of the running node.
namespace thicket::node {

/// The options of all of them: --json, --config, --socket.
void declare_view(cxxopts::Options& options);

int status_command(const Command& command, const Arguments& arguments);
int peers_command(const Command& command, const Arguments& arguments);
int sessions_command(const Command& command, const Arguments& arguments);
int paths_command(const Command& command, const Arguments& arguments);
int tree_command(const Command& command, const Arguments& arguments);

void declare_peers(cxxopts::Options& options);

}  // namespace thicket::node
