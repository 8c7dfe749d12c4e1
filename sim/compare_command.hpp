#pragma once

#include "sim/command.hpp"

namespace thicket::sim {

/// `thicket-sim compare`.
void declare_compare(cxxopts::Options& options);
int compare_command(const Command& command, const Arguments& arguments);

}  // namespace thicket::sim
