#pragma once

#include "node/commands/command.hpp"

namespace thicket::node {

void declare_suggest(cxxopts::Options& options);
/// `peers suggest FILE|-`: tries the peers of a list and says which are best.
int suggest_command(const Command& command, const Arguments& arguments);

}  // namespace thicket::node
