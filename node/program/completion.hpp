#pragma once

#include <string>

#include "program/command.hpp"

namespace thicket::program {

/// A script for the shell that completes the program's commands, their options, and operands that
/// are words (Command::words). Made from the table of commands alone, so that it knows what they
/// do.
std::string bash_completion(const Program& program);
std::string zsh_completion(const Program& program);
std::string fish_completion(const Program& program);

}  // namespace thicket::program
