#include "sim/replay_command.hpp"

#include <fmt/format.h>

#include <cxxopts.hpp>
#include <deque>
#include <filesystem>

#include "sim/exit_code.hpp"
#include "sim/figure.hpp"
#include "sim/number_text.hpp"
#include "sim/result_folder.hpp"
#include "sim/run_options.hpp"
#include "sim/summary.hpp"
#include "sim/watched_run.hpp"

namespace thicket::sim {

namespace fs = std::filesystem;

namespace {

/// What is replayed, and what is to come out.
struct Record {
  std::string scenario_json;
  std::optional<RecordedFailure> failure;
  std::string trace_hash;  ///< if it did not fail
};

struct Printing {
  bool trace = false;
  std::uint64_t from = 1;
  std::uint64_t last = 0;  ///< 0: all
};

Result<Record, std::string> read_record(const fs::path& path) {
  std::error_code error;
  const bool folder = fs::is_directory(path, error);
  if (!folder || fs::exists(path / "failure.json", error)) {
    auto recorded = read_failure(folder ? path / "failure.json" : path);
    if (!recorded) return failure(recorded.error());
    return Record{recorded->scenario_json, *recorded, {}};
  }
  auto run = read_run(path);
  if (!run) return failure(run.error());
  return Record{std::move(run->scenario_json), std::nullopt, std::move(run->trace_hash)};
}

Result<Printing, std::string> printing_of(const cxxopts::ParseResult& parsed) {
  Printing printing;
  printing.trace = parsed.count("trace") + parsed.count("from") + parsed.count("last") != 0;
  for (const auto& [name, value] : {std::pair{"from", &printing.from}, {"last", &printing.last}}) {
    if (parsed.count(name) == 0) continue;
    const std::string text = option_text(parsed, name);
    *value = parse_number(text).value_or(0);
    if (*value == 0) {
      return failure(
          fmt::format("--{}: found \"{}\", expected a whole number above 0", name, text));
    }
  }
  if (printing.last > 10'000'000) {
    return failure(std::string("--last: at most 10000000 events; --from takes any"));
  }
  return printing;
}

std::string hash_of(const Results& results) {
  const auto figures = figures_of(summary_json(results));
  if (!figures) return {};
  for (const Figure& figure : *figures) {
    if (figure.key == "trace_hash") return figure.text;
  }
  return {};
}

int judge_failure(const Command& command, const RecordedFailure& expected,
                  const Result<Results, RunFailure>& outcome) {
  if (outcome) {
    return command_error(command.name,
                         fmt::format("it did not fail this time; recorded: {} at event {}",
                                     expected.what, expected.event),
                         kExitFailure);
  }
  if (outcome.error().what == expected.what && outcome.error().event == expected.event) {
    return print(fmt::format("the same failure: {}, at event {}\n", expected.what, expected.event));
  }
  return command_error(
      command.name,
      fmt::format("another failure: {} at event {}; recorded: {} at event {}", outcome.error().what,
                  outcome.error().event, expected.what, expected.event),
      kExitFailure);
}

int judge(const Command& command, const Record& record,
          const Result<Results, RunFailure>& outcome) {
  if (record.failure) return judge_failure(command, *record.failure, outcome);
  if (!outcome) {
    return command_error(command.name,
                         fmt::format("it failed this time: {} at event {}", outcome.error().what,
                                     outcome.error().event),
                         outcome.error().violation ? kExitViolation : kExitFailure);
  }
  const std::string hash = hash_of(*outcome);
  if (hash == record.trace_hash) return print(fmt::format("the same run: trace hash {}\n", hash));
  return command_error(command.name,
                       fmt::format("another run: trace hash {}, recorded {}; was it recorded by "
                                   "another version?",
                                   hash, record.trace_hash),
                       kExitFailure);
}

void print_event(const TraceEvent& event) {
  fmt::print("{}\n", describe(event));
}

}  // namespace

void declare_replay(cxxopts::Options& options) {
  auto add = options.add_options();
  add("trace", "Print every event as a line");
  add("from", "Print events from this number on", cxxopts::value<std::string>(), "N");
  add("last", "Print only the last N events", cxxopts::value<std::string>(), "N");
  add("q,quiet", "Show no progress");
}

int replay_command(const Command& command, const Arguments& arguments) {
  const auto printing = printing_of(arguments.options);
  if (!printing) return usage_error(command.name, printing.error());
  const auto record = read_record(arguments.operands.front());
  if (!record) return command_error(command.name, record.error(), kExitFailure);
  const auto scenario = parse_scenario(record->scenario_json, "the recorded scenario");
  if (!scenario) return command_error(command.name, scenario.error(), kExitFailure);
  std::deque<TraceEvent> last;
  RunHooks hooks;
  if (printing->trace) {
    hooks.trace_from = printing->from;
    hooks.trace = [&](const TraceEvent& event) {
      if (printing->last == 0) return print_event(event);
      last.push_back(event);
      if (last.size() > printing->last) last.pop_front();
    };
  }
  try {
    const bool quiet = arguments.options.count("quiet") != 0 || printing->trace;
    const auto outcome = watched_run(*scenario, quiet, hooks);
    for (const TraceEvent& event : last) print_event(event);
    return judge(command, *record, outcome);
  } catch (const Interrupted&) {
    return command_error(command.name, "interrupted", kExitInterrupted);
  }
}

}  // namespace thicket::sim
