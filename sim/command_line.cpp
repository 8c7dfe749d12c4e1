#include "sim/command_line.hpp"

#include <string>

#include "program/command_line.hpp"
#include "sim/command.hpp"
#include "sim/version.hpp"

namespace thicket::sim {

namespace {

constexpr std::string_view kName = "thicket-sim";

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
  const std::string version = std::string(kName) + " " + std::string(build_version());
  return program::run_command_line(
      {.name = kName,
       .summary = "runs many whole nodes of Thicket in one process, on virtual time",
       .version = version,
       .commands = commands()},
      argc, argv);
}

}  // namespace thicket::sim
