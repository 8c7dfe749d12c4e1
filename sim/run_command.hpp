#pragma once

#include "sim/command.hpp"

namespace thicket::sim {

/// `thicket-sim run`.
void declare_run(cxxopts::Options& options);
int run_command(const Command& command, const Arguments& arguments);

}  // namespace thicket::sim
