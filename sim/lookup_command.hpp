#pragma once

#include "sim/command.hpp"

namespace thicket::sim {

/// `thicket-sim lookup`.
void declare_lookup(cxxopts::Options& options);
int lookup_command(const Command& command, const Arguments& arguments);

}  // namespace thicket::sim
