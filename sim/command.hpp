#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cxxopts {
class Options;
class ParseResult;
}  // namespace cxxopts

namespace thicket::sim {

/// What stood on the command line after a command's name.
struct Arguments {
  const cxxopts::ParseResult& options;
  std::vector<std::string> operands;
};

/// One command of the program: how it is explained, parsed and run.
struct Command {
  std::string_view name;
  std::string_view synopsis{};  ///< "DIR [--trace]"
  std::string_view summary;     ///< half a sentence
  std::string_view description{};
  std::string_view examples{};     ///< indented lines
  std::string_view exit_status{};  ///< indented lines
  std::size_t operands = 0;        ///< how many it takes; no less, no more
  void (*declare)(cxxopts::Options& options) = nullptr;
  /// Returns the process's exit status.
  int (*run)(const Command& command, const Arguments& arguments) = nullptr;
  /// A command that does everything itself, help included; argv[0] is its name.
  int (*run_plain)(int argc, const char* const* argv) = nullptr;
};

/// All commands, in the order in which help lists them.
std::span<const Command> commands();

/// Says on standard error what is wrong with the command line and where to find help.
int usage_error(std::string_view command, std::string_view what);
/// Says on standard error why `command` could not do its work; returns `status`.
int command_error(std::string_view command, std::string_view what, int status);
/// Writes to standard output; what cannot be written in full is an error. Returns an exit status.
int print(std::string_view text);

}  // namespace thicket::sim
