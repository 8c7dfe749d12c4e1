#include "node/commands/config_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cxxopts.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "node/commands/exit_code.hpp"
#include "node/commands/json_output.hpp"
#include "node/config/config.hpp"
#include "node/config/config_json.hpp"
#include "node/config/config_migration.hpp"
#include "node/config/generated_config.hpp"
#include "node/config/state_directory.hpp"
#include "node/file.hpp"
#include "node/program/suggestion.hpp"
#include "node/system_random.hpp"
#include "node/units.hpp"

namespace thicket::node {

namespace {

using Json = nlohmann::ordered_json;
using std::filesystem::path;

constexpr std::array<std::string_view, 3> kActions{"check", "show", "migrate"};
constexpr std::array<std::string_view, 2> kStockConfigs{"/etc/yggdrasil/yggdrasil.conf",
                                                        "/etc/yggdrasil.conf"};

int print_json(const Json& json) {
  return print(json_output(json));
}

path file_or_default(const Arguments& arguments) {
  if (arguments.operands.size() > 1) return arguments.operands[1];
  return default_config_file(Environment::of_process());
}

// --- check --------------------------------------------------------------------------------------

Json as_json(const std::vector<ConfigError>& errors) {
  Json list = Json::array();
  for (const ConfigError& error : errors) {
    list.push_back({{"file", error.file.string()},
                    {"line", error.line},
                    {"key", error.key},
                    {"found", error.found},
                    {"expected", error.expected}});
  }
  return list;
}

std::string lines_of(const std::vector<ConfigError>& errors) {
  std::string out;
  for (const ConfigError& error : errors) out += fmt::format("error: {}\n", error.to_string());
  return out;
}

int check(const Arguments& arguments) {
  const path file = file_or_default(arguments);
  CheckedConfig checked = check_config_file(file);
  std::ranges::stable_sort(checked.errors, {}, &ConfigError::line);
  const auto& warnings = checked.config.warnings;
  const int status = checked.errors.empty() ? kExitOk : kExitBadConfig;
  int printed = kExitOk;
  if (arguments.options.count("json") != 0) {
    printed = print_json({{"errors", as_json(checked.errors)}, {"warnings", warnings}});
  } else {
    std::string out = lines_of(checked.errors);
    for (const std::string& warning : warnings) out += fmt::format("warning: {}\n", warning);
    out += fmt::format("{}: {}, {}\n", file.string(), count_text(checked.errors.size(), "error"),
                       count_text(warnings.size(), "warning"));
    printed = print(out);
  }
  return printed == kExitOk ? status : printed;
}

// --- show ---------------------------------------------------------------------------------------

int show(const Command& command, const Arguments& arguments) {
  const auto config = load_config(file_or_default(arguments));
  if (!config) return command_error(command.name, config.error().to_string(), kExitBadConfig);
  return print_json(config_as_values(*config, Secrets::hidden));
}

// --- migrate ------------------------------------------------------------------------------------

path stock_config() {
  for (const std::string_view file : kStockConfigs) {
    std::error_code error;
    // One that may not be looked at is there: reading it says what is in the way.
    if (std::filesystem::exists(file, error) || error == std::errc::permission_denied) return file;
  }
  return kStockConfigs.front();
}

std::string list_of(std::string_view title, const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) {
    out += fmt::format("{:<9} {}\n", out.empty() ? title : "", item);
  }
  return out;
}

int report(const Arguments& arguments, const Migration& migration, const path& from,
           const path& to) {
  if (arguments.options.count("json") != 0) {
    return print_json({{"from", from.string()},
                       {"to", to.string()},
                       {"kept", migration.kept},
                       {"changed", migration.changed},
                       {"left_out", migration.left_out}});
  }
  std::string kept;
  for (const std::string& key : migration.kept) kept += (kept.empty() ? "" : ", ") + key;
  return print(list_of("kept", {kept.empty() ? "nothing" : kept}) +
               list_of("changed", migration.changed) + list_of("left out", migration.left_out) +
               fmt::format("{:<9} {}\n", "written", to.string()));
}

int write_migrated(const Command& command, const path& file, const std::string& text, bool force) {
  const path kept = path(file).concat(".old");
  const auto written =
      force ? replace_private_file(file, kept, text) : create_private_file(file, text);
  if (written) return kExitOk;
  if (written.error().code == EEXIST) {
    return command_error(command.name,
                         fmt::format("{} is there already; --force replaces it, and keeps it as {}",
                                     file.string(), kept.string()),
                         kExitFailure);
  }
  return command_error(command.name, fmt::format("{}: {}", file.string(), written.error().reason),
                       kExitFailure);
}

int migrate(const Command& command, const Arguments& arguments) {
  const Environment environment = Environment::of_process();
  const path from = arguments.operands.size() > 1 ? path(arguments.operands[1]) : stock_config();
  SystemRandom random;
  const auto migration = migrate_config(from, default_admin_listen(environment), random);
  if (!migration) {
    const std::string lines = lines_of(migration.error());
    return command_error(command.name, "nothing was written:\n" + lines, kExitBadConfig);
  }
  std::string text = config_as_hjson(migration->config);
  const auto output = arguments.options.count("output") != 0
                          ? path(arguments.options["output"].as<std::string>())
                          : default_config_file(environment);
  if (output.empty()) {
    return command_error(command.name, "no folder to write it to; set $HOME, or name --output FILE",
                         kExitFailure);
  }
  const bool force = arguments.options.count("force") != 0;
  const int written = output == "-" ? print(text) : write_migrated(command, output, text, force);
  wipe(text);
  // Whoever wants the file on standard output wants nothing else there.
  if (written != kExitOk || output == "-") return written;
  return report(arguments, *migration, from, output);
}

}  // namespace

void declare_config(cxxopts::Options& options) {
  options.add_options()("json", "Print JSON")(
      "output", "migrate: where to write; - is standard output", cxxopts::value<std::string>(),
      "FILE")("force", "migrate: replace the file if it is there, and keep it as FILE.old");
}

int config_command(const Command& command, const Arguments& arguments) {
  const std::string& action = arguments.operands.front();
  const bool migrates = action == "migrate";
  if (!migrates && arguments.options.count("output") + arguments.options.count("force") != 0) {
    return usage_error(command.name, "--output and --force are for migrate");
  }
  if (migrates) return migrate(command, arguments);
  if (action == "check") return check(arguments);
  if (action == "show") return show(command, arguments);
  return usage_error(command.name, fmt::format("found \"{}\", expected check, show or migrate{}",
                                               action, program::did_you_mean(action, kActions)));
}

}  // namespace thicket::node
