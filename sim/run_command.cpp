#include "sim/run_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cxxopts.hpp>

#include "sim/exit_code.hpp"
#include "sim/figure.hpp"
#include "sim/result_folder.hpp"
#include "sim/result_table.hpp"
#include "sim/run_options.hpp"
#include "sim/summary.hpp"
#include "sim/watched_run.hpp"

namespace thicket::sim {

namespace {

constexpr std::size_t kEventsShown = 20;

int interrupted(const Command& command, const Interrupted& where, const std::string& out) {
  const std::string folder = out.empty() ? "" : fmt::format("; {} holds the scenario only", out);
  return command_error(
      command.name,
      fmt::format("interrupted at {} of simulated time: there are no results{}",
                  readable(static_cast<double>(where.elapsed.count()) / 1e9, FigureUnit::seconds),
                  folder),
      kExitInterrupted);
}

int failed(const Command& command, const RunFailure& run_failure, const std::string& scenario_json,
           const std::string& out) {
  if (!run_failure.violation) return command_error(command.name, run_failure.what, kExitFailure);
  std::string text = fmt::format(
      "an invariant did not hold: {}\nseed {}, event {}, at {} of simulated time\nlast events:\n",
      run_failure.what, run_failure.seed, run_failure.event,
      readable(static_cast<double>(run_failure.elapsed.count()) / 1e9, FigureUnit::seconds));
  const auto& events = run_failure.last_events;
  for (std::size_t i = events.size() - std::min(events.size(), kEventsShown); i < events.size();
       ++i) {
    text += fmt::format("  {}\n", describe(events[i]));
  }
  if (out.empty()) {
    text += "to keep this failure and replay it, run it again with --out DIR";
  } else if (const auto written = write_failure(out, run_failure, scenario_json); !written) {
    text += written.error();
  } else {
    text += fmt::format("replay it with: thicket-sim replay {} --last 100", out);
  }
  return command_error(command.name, text, kExitViolation);
}

}  // namespace

void declare_run(cxxopts::Options& options) {
  add_run_options(options);
  auto add = options.add_options("Output");
  add("o,out", "Folder for summary.json, report.html, scenario.json and CSV files",
      cxxopts::value<std::string>(), "DIR");
  add("q,quiet", "Show neither progress nor a table");
  add("json", "Print the figures as JSON in place of the table");
}

int run_command(const Command& command, const Arguments& arguments) {
  const auto settings = settings_of(arguments.options);
  if (!settings) return usage_error(command.name, settings.error());
  const auto scenario = scenario_of(arguments.options, *settings);
  if (!scenario) return usage_error(command.name, scenario.error());
  const std::string out = option_text(arguments.options, "out");
  const bool quiet = arguments.options.count("quiet") != 0;
  const std::string json = to_json(*scenario);
  if (!out.empty()) {
    const auto prepared = prepare_result_folder(out, json);
    if (!prepared) return command_error(command.name, prepared.error(), kExitFailure);
  }
  try {
    auto results = watched_run(*scenario, quiet);
    if (!results) return failed(command, results.error(), json, out);
    results->scenario_json = json;
    if (!out.empty()) {
      const auto written = write_result_folder(out, *results);
      if (!written) return command_error(command.name, written.error(), kExitFailure);
    }
    if (arguments.options.count("json") != 0) return print(summary_json(*results));
    if (quiet) return kExitOk;
    std::string table = result_table(*results);
    if (!out.empty()) table += fmt::format("{:<18} {}/report.html\n", "Report", out);
    return print(table);
  } catch (const Interrupted& where) {
    return interrupted(command, where, out);
  }
}

}  // namespace thicket::sim
