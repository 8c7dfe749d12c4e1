#include "node/commands/completion_command.hpp"

#include <fmt/format.h>

#include <array>

#include "node/commands/exit_code.hpp"
#include "node/json_fields.hpp"
#include "program/completion.hpp"
#include "program/suggestion.hpp"

namespace thicket::node {

int completion_command(const Command& command, const Arguments& arguments) {
  const program::Program program{
      .name = "thicket", .summary = {}, .version = {}, .commands = commands()};
  const std::string& shell = arguments.operands.front();
  if (shell == "bash") return print(program::bash_completion(program));
  if (shell == "zsh") return print(program::zsh_completion(program));
  if (shell == "fish") return print(program::fish_completion(program));
  constexpr std::array<std::string_view, 3> kShells{"bash", "zsh", "fish"};
  return usage_error(command.name,
                     fmt::format("found \"{}\", expected bash, zsh or fish{}", printable(shell),
                                 program::did_you_mean(shell, kShells)));
}

}  // namespace thicket::node
