#include "sim/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <cxxopts.hpp>
#include <optional>

#include "sim/command.hpp"
#include "sim/exit_code.hpp"
#include "sim/suggestion.hpp"
#include "sim/version.hpp"

namespace thicket::sim {

namespace {

const Command* find_command(std::string_view name) {
  const auto all = commands();
  const auto found = std::ranges::find(all, name, &Command::name);
  return found == all.end() ? nullptr : &*found;
}

std::string overview() {
  std::string out =
      "thicket-sim: runs many whole nodes of Thicket in one process, on virtual time\n\n"
      "Usage:\n"
      "  thicket-sim COMMAND [OPTION…] [ARGUMENT…]\n\n"
      "Commands:\n";
  for (const Command& command : commands()) {
    out += fmt::format("  {:<11}{}\n", command.name, command.summary);
  }
  out += fmt::format("  {:<11}{}\n", "help", "explain the program or a command");
  out +=
      "\nOptions:\n"
      "  -h, --help     Explain the program, or after a command that command\n"
      "  -V, --version  Print the version\n\n"
      "'thicket-sim COMMAND --help' explains a command.\n";
  return out;
}

cxxopts::Options options_of(const Command& command) {
  cxxopts::Options options(fmt::format("thicket-sim {}", command.name));
  options.allow_unrecognised_options();
  options.set_width(90);
  if (command.declare != nullptr) command.declare(options);
  options.add_options()("h,help", "Print this help");
  return options;
}

std::string help_of(const Command& command) {
  // cxxopts knows how to lay out options; the rest of its page is about one program, not commands.
  cxxopts::Options declared = options_of(command);
  std::string options;
  for (const std::string& group : declared.groups()) {
    const std::string page = declared.help({group}, false);
    const std::string title = group.empty() ? "Options" : fmt::format("{} options", group);
    options += fmt::format("\n{}:\n{}", title, page.substr(page.find("\n  -") + 1));
  }
  std::string out =
      fmt::format("thicket-sim {}: {}\n\nUsage:\n  thicket-sim {} {}\n\n{}\n", command.name,
                  command.summary, command.name, command.synopsis, command.description);
  out += options;
  out += fmt::format("\nExamples:\n{}\nExit status:\n{}", command.examples, command.exit_status);
  return out;
}

std::string command_suggestion(std::string_view word) {
  std::vector<std::string_view> names;
  for (const Command& command : commands()) names.push_back(command.name);
  names.push_back("help");
  return did_you_mean(word, names);
}

std::string option_suggestion(std::string_view word, const cxxopts::Options& options) {
  std::vector<std::string> names{"--help"};
  for (const auto& group : options.groups()) {
    for (const auto& option : options.group_help(group).options) {
      for (const std::string& name : option.l) names.push_back("--" + name);
    }
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  return did_you_mean(word.substr(0, word.find('=')), views);
}

// Where the operands that follow "--" begin in `argv`.
std::size_t operands_after_dashes(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--") == 0) return static_cast<std::size_t>(argc - i - 1);
  }
  return 0;
}

int run(const Command& command, int argc, const char* const* argv) {
  cxxopts::Options options = options_of(command);
  std::optional<cxxopts::ParseResult> parsed;
  try {
    parsed = options.parse(argc, argv);
  } catch (const cxxopts::exceptions::exception& error) {
    return usage_error(command.name, error.what());
  }
  if (parsed->count("help") != 0) return print(help_of(command));

  Arguments arguments{*parsed, parsed->unmatched()};
  const std::size_t count = arguments.operands.size();
  const std::size_t plain = count - std::min(count, operands_after_dashes(argc, argv));
  for (std::size_t i = 0; i < plain; ++i) {
    const std::string& word = arguments.operands[i];
    if (!word.starts_with('-') || word == "-") continue;
    return usage_error(command.name,
                       fmt::format("unknown option {}{}", word.substr(0, word.find('=')),
                                   option_suggestion(word, options)));
  }
  if (count > command.operands) {
    return usage_error(command.name, fmt::format("unexpected argument \"{}\"",
                                                 arguments.operands[command.operands]));
  }
  if (count < command.operands) {
    return usage_error(command.name, fmt::format("expected {}", command.synopsis));
  }
  return command.run(command, arguments);
}

int run_help(int argc, const char* const* argv) {
  const auto is_help = [](std::string_view word) {
    return word == "--help" || word == "-h" || word == "help";
  };
  if (argc > 1) return usage_error("", fmt::format("unexpected argument \"{}\"", argv[1]));
  if (argc == 0 || is_help(argv[0])) return print(overview());
  const Command* command = find_command(argv[0]);
  if (command != nullptr && command->run_plain != nullptr) {
    const char* const words[] = {argv[0], "--help"};
    return command->run_plain(2, words);
  }
  if (command != nullptr) return print(help_of(*command));
  return usage_error("",
                     fmt::format("unknown command \"{}\"{}", argv[0], command_suggestion(argv[0])));
}

}  // namespace

int usage_error(std::string_view command, std::string_view what) {
  const std::string space = command.empty() ? "" : " ";
  fmt::print(stderr, "thicket-sim{}{}: {}\nTry 'thicket-sim{}{} --help'.\n", space, command, what,
             space, command);
  return kExitUsage;
}

int command_error(std::string_view command, std::string_view what, int status) {
  fmt::print(stderr, "thicket-sim {}: {}\n", command, what);
  return status;
}

int print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0) return kExitOk;
  fmt::print(stderr, "thicket-sim: cannot write to standard output: {}\n", std::strerror(errno));
  return kExitFailure;
}

int run_command_line(int argc, const char* const* argv) {
  if (argc < 2) return print(overview());
  const std::string_view word = argv[1];
  if (word == "--help" || word == "-h") return print(overview());
  if (word == "--version" || word == "-V") {
    return print(fmt::format("thicket-sim {}\n", build_version()));
  }
  if (word == "help") return run_help(argc - 2, argv + 2);
  if (word.starts_with('-')) {
    constexpr std::string_view kOptions[] = {"--help", "--version"};
    return usage_error("", fmt::format("unknown option {}{}", word, did_you_mean(word, kOptions)));
  }
  const Command* command = find_command(word);
  if (command == nullptr) {
    return usage_error("", fmt::format("unknown command \"{}\"{}", word, command_suggestion(word)));
  }
  if (command->run_plain != nullptr) return command->run_plain(argc - 1, argv + 1);
  return run(*command, argc - 1, argv + 1);
}

}  // namespace thicket::sim
