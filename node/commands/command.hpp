#pragma once

#include <span>
#include <string_view>

#include "program/command.hpp"

namespace thicket::node {

using program::Arguments;
using program::Command;

/// All commands, in the order in which help lists them.
std::span<const Command> commands();

// As in program/command_line.hpp, for this program.
int usage_error(std::string_view command, std::string_view what);
int command_error(std::string_view command, std::string_view what, int status);
int print(std::string_view text);

}  // namespace thicket::node
