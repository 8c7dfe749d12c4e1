#pragma once

#include "sim/command.hpp"

namespace thicket::sim {

/// `thicket-sim replay`.
void declare_replay(cxxopts::Options& options);
int replay_command(const Command& command, const Arguments& arguments);

}  // namespace thicket::sim
