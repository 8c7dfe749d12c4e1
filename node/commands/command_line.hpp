#pragma once

namespace thicket::node {

/// The program: finds the command, parses its options, runs it. Returns the process's exit status
/// (exit_code.hpp).
int run_command_line(int argc, const char* const* argv);

}  // namespace thicket::node
