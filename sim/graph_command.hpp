#pragma once

namespace thicket::sim {

/// `thicket-sim graph`: generates, converts or describes a graph. `argv[0]` is the command's name.
/// Returns the exit status: 0, 1 if it could not be done, 2 if the command line is wrong.
int run_graph_command(int argc, const char* const* argv);

}  // namespace thicket::sim
