#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cxxopts {
class Options;
class ParseResult;
}  // namespace cxxopts

namespace thicket::program {

/// What stood on the command line after a command's name.
struct Arguments {
  const cxxopts::ParseResult& options;
  std::vector<std::string> operands;
};

constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();

/// One command of a program: how it is explained, parsed and run.
struct Command {
  std::string_view name;
  std::string_view synopsis{};  ///< "[--config FILE] [PEER…]"
  std::string_view summary;     ///< half a sentence
  std::string_view description{};
  std::string_view examples{};     ///< indented lines
  std::string_view exit_status{};  ///< indented lines
  std::size_t least_operands = 0;
  std::size_t most_operands = 0;
  std::span<const std::string_view> words{};  ///< what the first operand can be; empty: anything
  void (*declare)(cxxopts::Options& options) = nullptr;
  /// Returns the process's exit status.
  int (*run)(const Command& command, const Arguments& arguments) = nullptr;
  /// A command that does everything itself, help included; argv[0] is its name.
  int (*run_plain)(int argc, const char* const* argv) = nullptr;
};

/// A program that is a set of commands.
struct Program {
  std::string_view name;
  std::string_view summary;           ///< half a sentence
  std::string_view version;           ///< the line that --version prints
  std::span<const Command> commands;  ///< in the order in which help lists them
};

}  // namespace thicket::program
