#pragma once

#include <string_view>

#include "program/command.hpp"

namespace thicket::program {

/// Finds the command, parses its options, runs it. Returns the process's exit status.
int run_command_line(const Program& program, int argc, const char* const* argv);

/// Says on standard error what is wrong with the command line and where to find help. `command` may
/// be empty.
int usage_error(std::string_view program, std::string_view command, std::string_view what);
/// Says on standard error why `command` could not do its work; returns `status`.
int command_error(std::string_view program, std::string_view command, std::string_view what,
                  int status);
/// Writes to standard output; what cannot be written in full is an error. Returns an exit status.
int print(std::string_view program, std::string_view text);

}  // namespace thicket::program
