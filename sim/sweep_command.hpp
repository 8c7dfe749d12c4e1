#pragma once

#include "sim/command.hpp"

namespace thicket::sim {

/// `thicket-sim sweep`.
void declare_sweep(cxxopts::Options& options);
int sweep_command(const Command& command, const Arguments& arguments);

}  // namespace thicket::sim
