#include "node/commands/command_line.hpp"

#include <string>

#include "node/build_info.hpp"
#include "node/commands/command.hpp"
#include "program/command_line.hpp"

namespace thicket::node {

namespace {

constexpr std::string_view kName = "thicket";

}  // namespace

int usage_error(std::string_view command, std::string_view what) {
  return program::usage_error(kName, command, what);
}

int command_error(std::string_view command, std::string_view what, int status) {
  return program::command_error(kName, command, what, status);
}

int print(std::string_view text) {
  return program::print(kName, text);
}

int run_command_line(int argc, const char* const* argv) {
  const std::string version = std::string(build_name()) + " " + std::string(build_version());
  return program::run_command_line({.name = kName,
                                    .summary = "a node of an encrypted IPv6 mesh network",
                                    .version = version,
                                    .commands = commands()},
                                   argc, argv);
}

}  // namespace thicket::node
