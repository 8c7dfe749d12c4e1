#include "program/command_line.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <cxxopts.hpp>
#include <optional>

#include "program/exit_code.hpp"
#include "program/suggestion.hpp"

namespace thicket::program {

namespace {

const Command* find_command(const Program& program, std::string_view name) {
  const auto found = std::ranges::find(program.commands, name, &Command::name);
  return found == program.commands.end() ? nullptr : &*found;
}

std::string overview(const Program& program) {
  std::string out = fmt::format(
      "{0}: {1}\n\n"
      "Usage:\n"
      "  {0} COMMAND [OPTION…] [ARGUMENT…]\n\n"
      "Commands:\n",
      program.name, program.summary);
  for (const Command& command : program.commands) {
    out += fmt::format("  {:<11}{}\n", command.name, command.summary);
  }
  out += fmt::format("  {:<11}{}\n", "help", "explain the program or a command");
  out += fmt::format(
      "\nOptions:\n"
      "  -h, --help     Explain the program, or after a command that command\n"
      "  -V, --version  Print the version\n\n"
      "'{} COMMAND --help' explains a command.\n",
      program.name);
  return out;
}

cxxopts::Options options_of(const Program& program, const Command& command) {
  cxxopts::Options options(fmt::format("{} {}", program.name, command.name));
  options.allow_unrecognised_options();
  options.set_width(90);
  if (command.declare != nullptr) command.declare(options);
  options.add_options()("h,help", "Print this help");
  return options;
}

/// A page of cxxopts without what stands above the options.
std::string_view option_lines(std::string_view page) {
  while (!page.empty()) {
    const std::size_t text = page.find_first_not_of(' ');
    if (text != 0 && text != std::string_view::npos && page[text] == '-') break;
    page.remove_prefix(std::min(page.find('\n'), page.size() - 1) + 1);
  }
  return page;
}

std::string help_of(const Program& program, const Command& command) {
  // cxxopts knows how to lay out options; the rest of its page is about one program, not commands.
  cxxopts::Options declared = options_of(program, command);
  std::string options;
  for (const std::string& group : declared.groups()) {
    const std::string title = group.empty() ? "Options" : fmt::format("{} options", group);
    options += fmt::format("\n{}:\n{}", title, option_lines(declared.help({group}, false)));
  }
  std::string out =
      fmt::format("{0} {1}: {2}\n\nUsage:\n  {0} {1} {3}\n\n{4}\n", program.name, command.name,
                  command.summary, command.synopsis, command.description);
  out += options;
  out += fmt::format("\nExamples:\n{}\nExit status:\n{}", command.examples, command.exit_status);
  return out;
}

std::string command_suggestion(const Program& program, std::string_view word) {
  std::vector<std::string_view> names;
  for (const Command& command : program.commands) names.push_back(command.name);
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

int run(const Program& program, const Command& command, int argc, const char* const* argv) {
  cxxopts::Options options = options_of(program, command);
  std::optional<cxxopts::ParseResult> parsed;
  try {
    parsed = options.parse(argc, argv);
  } catch (const cxxopts::exceptions::exception& error) {
    return usage_error(program.name, command.name, error.what());
  }
  if (parsed->count("help") != 0) return print(program.name, help_of(program, command));

  Arguments arguments{*parsed, parsed->unmatched()};
  const std::size_t count = arguments.operands.size();
  const std::size_t plain = count - std::min(count, operands_after_dashes(argc, argv));
  for (std::size_t i = 0; i < plain; ++i) {
    const std::string& word = arguments.operands[i];
    if (!word.starts_with('-') || word == "-") continue;
    return usage_error(program.name, command.name,
                       fmt::format("unknown option {}{}", word.substr(0, word.find('=')),
                                   option_suggestion(word, options)));
  }
  if (count > command.most_operands) {
    return usage_error(
        program.name, command.name,
        fmt::format("unexpected argument \"{}\"", arguments.operands[command.most_operands]));
  }
  if (count < command.least_operands) {
    return usage_error(program.name, command.name, fmt::format("expected {}", command.synopsis));
  }
  return command.run(command, arguments);
}

int run_help(const Program& program, int argc, const char* const* argv) {
  const auto is_help = [](std::string_view word) {
    return word == "--help" || word == "-h" || word == "help";
  };
  if (argc > 1)
    return usage_error(program.name, "", fmt::format("unexpected argument \"{}\"", argv[1]));
  if (argc == 0 || is_help(argv[0])) return print(program.name, overview(program));
  const Command* command = find_command(program, argv[0]);
  if (command != nullptr && command->run_plain != nullptr) {
    const char* const words[] = {argv[0], "--help"};
    return command->run_plain(2, words);
  }
  if (command != nullptr) return print(program.name, help_of(program, *command));
  return usage_error(
      program.name, "",
      fmt::format("unknown command \"{}\"{}", argv[0], command_suggestion(program, argv[0])));
}

}  // namespace

int usage_error(std::string_view program, std::string_view command, std::string_view what) {
  const std::string space = command.empty() ? "" : " ";
  fmt::print(stderr, "{0}{1}{2}: {3}\nTry '{0}{1}{2} --help'.\n", program, space, command, what);
  return kExitUsage;
}

int command_error(std::string_view program, std::string_view command, std::string_view what,
                  int status) {
  fmt::print(stderr, "{} {}: {}\n", program, command, what);
  return status;
}

int print(std::string_view program, std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (written && std::fflush(stdout) == 0) return kExitOk;
  fmt::print(stderr, "{}: cannot write to standard output: {}\n", program, std::strerror(errno));
  return kExitFailure;
}

int run_command_line(const Program& program, int argc, const char* const* argv) {
  if (argc < 2) return print(program.name, overview(program));
  const std::string_view word = argv[1];
  if (word == "--help" || word == "-h") return print(program.name, overview(program));
  if (word == "--version" || word == "-V") {
    return print(program.name, fmt::format("{}\n", program.version));
  }
  if (word == "help") return run_help(program, argc - 2, argv + 2);
  if (word.starts_with('-')) {
    constexpr std::string_view kOptions[] = {"--help", "--version"};
    return usage_error(program.name, "",
                       fmt::format("unknown option {}{}", word, did_you_mean(word, kOptions)));
  }
  const Command* command = find_command(program, word);
  if (command == nullptr) {
    return usage_error(
        program.name, "",
        fmt::format("unknown command \"{}\"{}", word, command_suggestion(program, word)));
  }
  if (command->run_plain != nullptr) return command->run_plain(argc - 1, argv + 1);
  return run(program, *command, argc - 1, argv + 1);
}

}  // namespace thicket::program
