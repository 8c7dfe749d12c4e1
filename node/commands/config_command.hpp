#pragma once

#include "node/commands/command.hpp"

namespace thicket::node {

void declare_config(cxxopts::Options& options);
/// `config check`, `config show` and `config migrate`.
int config_command(const Command& command, const Arguments& arguments);

}  // namespace thicket::node
