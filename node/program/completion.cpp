#include "program/completion.hpp"

#include <fmt/format.h>

#include <cxxopts.hpp>
#include <vector>

namespace thicket::program {

namespace {

struct Option {
  std::string short_name;  ///< without its dash; empty: none
  std::string long_name;
  std::string description;
  bool takes_value = false;
  bool takes_file = false;
};

/// What can follow the program's name.
struct Words {
  std::string name;
  std::string summary;
  std::vector<std::string> operands;
  std::vector<Option> options;
};

std::vector<Option> options_of(const Command& command) {
  cxxopts::Options declared("", "");
  if (command.declare != nullptr) command.declare(declared);
  std::vector<Option> options;
  for (const std::string& group : declared.groups()) {
    for (const auto& detail : declared.group_help(group).options) {
      const bool takes_value = !detail.is_boolean;
      options.push_back({detail.s, detail.l.empty() ? std::string() : detail.l.front(), detail.desc,
                         takes_value, takes_value && detail.arg_help == "FILE"});
    }
  }
  options.push_back({"h", "help", "Print this help", false, false});
  return options;
}

std::vector<Words> words_of(const Program& program) {
  std::vector<Words> all;
  std::vector<std::string> names;
  for (const Command& command : program.commands) {
    names.emplace_back(command.name);
    all.push_back({std::string(command.name),
                   std::string(command.summary),
                   {command.words.begin(), command.words.end()},
                   options_of(command)});
  }
  all.push_back({"help", "explain the program or a command", std::move(names), {}});
  return all;
}

/// As an identifier of a shell.
std::string function_name(const Program& program) {
  std::string name = "_";
  for (const char letter : program.name) name += letter == '-' ? '_' : letter;
  return name;
}

/// In single quotes, whatever stands in it.
std::string quoted(std::string_view text) {
  std::string out(1, '\'');
  for (const char letter : text) {
    if (letter == '\'') {
      out += "'\\''";
    } else {
      out += letter;
    }
  }
  return out += '\'';
}

/// Both spellings of the options that `wanted` picks, with `separator` between.
template <class Wanted>
std::string spellings(const Words& words, std::string_view separator, Wanted wanted) {
  std::vector<std::string> out;
  for (const Option& option : words.options) {
    if (!wanted(option)) continue;
    if (!option.long_name.empty()) out.push_back(fmt::format("--{}", option.long_name));
    if (!option.short_name.empty()) out.push_back(fmt::format("-{}", option.short_name));
  }
  return fmt::format("{}", fmt::join(out, separator));
}

std::string names_of(const std::vector<Words>& all) {
  std::string out;
  for (const Words& words : all) out.append(out.empty() ? "" : " ").append(words.name);
  return out;
}

}  // namespace

std::string bash_completion(const Program& program) {
  const std::vector<Words> all = words_of(program);
  std::string cases;
  for (const Words& words : all) {
    const std::string files = spellings(words, "|", [](const Option& o) { return o.takes_file; });
    const std::string values =
        spellings(words, "|", [](const Option& o) { return o.takes_value && !o.takes_file; });
    cases += fmt::format("    {})\n", words.name);
    if (!files.empty() || !values.empty()) cases += "      case \"$before\" in\n";
    if (!files.empty()) cases += fmt::format("        {}) files=1 ;;\n", files);
    if (!values.empty()) cases += fmt::format("        {}) return ;;\n", values);
    if (!files.empty() || !values.empty()) cases += "      esac\n";
    const std::string options = spellings(words, " ", [](const Option&) { return true; });
    cases += fmt::format("      options={}\n      operands={}\n      ;;\n", quoted(options),
                         quoted(fmt::format("{}", fmt::join(words.operands, " "))));
  }
  return fmt::format(
      R"(# Completion of {0} in bash: source <({0} completion bash)
{1}() {{
  local word="${{COMP_WORDS[COMP_CWORD]}}" before="${{COMP_WORDS[COMP_CWORD-1]}}"
  local options='' operands='' files=''
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W {2} -- "$word"))
    return
  fi
  case "${{COMP_WORDS[1]}}" in
{3}    *) return ;;
  esac
  if [ -n "$files" ]; then
    compopt -o filenames 2>/dev/null || :
    COMPREPLY=($(compgen -f -- "$word"))
  elif [ "${{word#-}}" != "$word" ]; then
    COMPREPLY=($(compgen -W "$options" -- "$word"))
  elif [ -n "$operands" ] && [ "$COMP_CWORD" -eq 2 ]; then
    COMPREPLY=($(compgen -W "$operands" -- "$word"))
  else
    compopt -o filenames 2>/dev/null || :
    COMPREPLY=($(compgen -f -- "$word"))
  fi
}}
complete -F {1} {0}
)",
      program.name, function_name(program), quoted(names_of(all) + " --help --version"), cases);
}

std::string zsh_completion(const Program& program) {
  const std::vector<Words> all = words_of(program);
  // In a specification of _arguments brackets and colons have a meaning.
  const auto escaped = [](std::string_view text) {
    std::string out;
    for (const char letter : text) {
      if (letter == '[' || letter == ']' || letter == ':' || letter == '\\') out += '\\';
      out += letter;
    }
    return out;
  };
  std::string commands;
  std::string cases;
  for (const Words& words : all) {
    commands +=
        fmt::format("    {}\n", quoted(fmt::format("{}:{}", escaped(words.name), words.summary)));
    cases += fmt::format("    {})\n      _arguments", words.name);
    for (const Option& option : words.options) {
      const std::string value = option.takes_file    ? ":file:_files"
                                : option.takes_value ? ":value: "
                                                     : "";
      const std::string what = fmt::format("[{}]{}", escaped(option.description), value);
      if (!option.long_name.empty())
        cases += fmt::format(" {}", quoted(fmt::format("--{}{}", option.long_name, what)));
      if (!option.short_name.empty())
        cases += fmt::format(" {}", quoted(fmt::format("-{}{}", option.short_name, what)));
    }
    if (!words.operands.empty()) {
      cases += fmt::format(" '1:argument:({})'", fmt::join(words.operands, " "));
    }
    cases += " '*:argument:_files'\n      ;;\n";
  }
  return fmt::format(
      R"(#compdef {0}
# Completion of {0} in zsh: a file named _{0} in a folder of $fpath, or source <({0} completion zsh)
{1}() {{
  local -a commands
  commands=(
{2}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="${{words[2]}}"
  shift words
  (( CURRENT-- ))
  case "$command" in
{3}  esac
}}
if [ "$funcstack[1]" = "{1}" ]; then {1} "$@"; else compdef {1} {0}; fi
)",
      program.name, function_name(program), commands, cases);
}

std::string fish_completion(const Program& program) {
  std::string out =
      fmt::format("# Completion of {0} in fish: {0} completion fish | source\n", program.name);
  // Fish's single quotes know two escapes, and no other quoting.
  const auto fish_quoted = [](std::string_view text) {
    std::string escaped(1, '\'');
    for (const char letter : text) {
      if (letter == '\'' || letter == '\\') escaped += '\\';
      escaped += letter;
    }
    return escaped += '\'';
  };
  for (const Words& words : words_of(program)) {
    out += fmt::format("complete -c {} -f -n __fish_use_subcommand -a {} -d {}\n", program.name,
                       words.name, fish_quoted(words.summary));
    const std::string here =
        fmt::format("complete -c {} -n '__fish_seen_subcommand_from {}'", program.name, words.name);
    for (const Option& option : words.options) {
      out += here;
      if (!option.long_name.empty()) out += fmt::format(" -l {}", option.long_name);
      if (!option.short_name.empty()) out += fmt::format(" -s {}", option.short_name);
      if (option.takes_value) out += option.takes_file ? " -r -F" : " -x";
      out += fmt::format(" -d {}\n", fish_quoted(option.description));
    }
    if (!words.operands.empty()) {
      out += fmt::format(
          "complete -c {} -n '__fish_seen_subcommand_from {}; and test (count (commandline -opc)) "
          "-eq 2' -f -a {}\n",
          program.name, words.name, fish_quoted(fmt::format("{}", fmt::join(words.operands, " "))));
    }
  }
  return out;
}

}  // namespace thicket::program
