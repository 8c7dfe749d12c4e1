#include "sim/sweep_command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <cxxopts.hpp>
#include <filesystem>
#include <thread>

#include "sim/child_processes.hpp"
#include "sim/exit_code.hpp"
#include "sim/figure.hpp"
#include "sim/interruption.hpp"
#include "sim/number_text.hpp"
#include "sim/result_files.hpp"
#include "sim/result_folder.hpp"
#include "sim/run_options.hpp"
#include "sim/sweep_grid.hpp"
#include "sim/sweep_table.hpp"

namespace thicket::sim {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kLogs = "logs";

struct Sweep {
  fs::path out;
  std::size_t jobs = 1;
  std::vector<std::string> common;  ///< options that all runs get
  std::vector<SweepPoint> points;
  std::vector<std::string> scenarios;  ///< of each point, as JSON

  std::vector<std::string> words_of(const SweepPoint& point, const std::string& program) const {
    std::vector<std::string> words{program, "run"};
    words.insert(words.end(), common.begin(), common.end());
    for (const auto& [key, value] : point.overrides) {
      words.emplace_back("--set");
      words.push_back(fmt::format("{}={}", key, value));
    }
    words.insert(words.end(), {"--quiet", "--out", (out / point.name).string()});
    return words;
  }
};

// What runs are given as it was given to the sweep.
std::vector<std::string> common_options(const cxxopts::ParseResult& parsed) {
  constexpr std::string_view kOwn[] = {"set", "seeds", "jobs", "out", "print", "quiet"};
  constexpr std::string_view kFlags[] = {"not-connected", "largest-component"};
  std::vector<std::string> out;
  for (const auto& argument : parsed.arguments()) {
    if (std::ranges::find(kOwn, argument.key()) != std::end(kOwn)) continue;
    out.push_back(fmt::format("--{}", argument.key()));
    if (std::ranges::find(kFlags, argument.key()) == std::end(kFlags)) {
      out.push_back(argument.value());
    }
  }
  return out;
}

Result<Sweep, std::string> sweep_of(const cxxopts::ParseResult& parsed) {
  Sweep sweep;
  sweep.out = option_text(parsed, "out");
  if (sweep.out.empty()) return failure(std::string("needs --out DIR, for the results"));
  sweep.jobs = std::max(1U, std::thread::hardware_concurrency());
  const std::string jobs = option_text(parsed, "jobs");
  if (!jobs.empty()) {
    sweep.jobs = parse_number(jobs).value_or(0);
    if (sweep.jobs == 0 || sweep.jobs > 1024) {
      return failure(
          fmt::format("--jobs: found \"{}\", expected a whole number from 1 to 1024", jobs));
    }
  }
  const auto seeds = parse_seeds(option_text(parsed, "seeds"));
  if (!seeds) return failure(seeds.error());
  const auto settings = settings_of(parsed);
  if (!settings) return failure(settings.error());
  auto points = sweep_points(*settings, *seeds);
  if (!points) return failure(points.error());
  sweep.points = std::move(*points);
  sweep.common = common_options(parsed);
  for (const SweepPoint& point : sweep.points) {
    const auto scenario = scenario_of(parsed, point.overrides);
    if (!scenario) return failure(scenario.error());
    sweep.scenarios.push_back(to_json(*scenario));
  }
  return sweep;
}

int print_commands(const Sweep& sweep) {
  std::string program = program_invocation_name;
  if (program.find('/') != std::string::npos) program = own_program();
  std::string out;
  for (const SweepPoint& point : sweep.points) {
    std::string line;
    for (const std::string& word : sweep.words_of(point, program)) {
      line += fmt::format("{}{}", line.empty() ? "" : " ", shell_quoted(word));
    }
    out += fmt::format("{}\n", line);
  }
  return print(out);
}

// A folder is ours if it holds nothing but results.
Result<void, std::string> prepare(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder / kLogs, error);
  if (error) return failure(fmt::format("{}: {}", folder.string(), error.message()));
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name == kLogs || name == "sweep.csv" || fs::is_empty(entry.path(), error) ||
        fs::exists(entry.path() / "scenario.json", error)) {
      continue;
    }
    return failure(fmt::format(
        "{}: there are files in it that are no results of runs ({}); name a new or empty folder",
        folder.string(), name));
  }
  if (error) return failure(fmt::format("{}: {}", folder.string(), error.message()));
  return {};
}

/// Says how far a sweep is: over and over in one line on a terminal, else now and then.
class SweepProgress {
 public:
  SweepProgress(std::size_t skipped, std::size_t whole, bool quiet)
      : skipped_(skipped), whole_(whole), quiet_(quiet), terminal_(::isatty(STDERR_FILENO) == 1) {}

  void show(std::size_t done, std::size_t failed) {
    const auto now = std::chrono::steady_clock::now();
    const bool last = skipped_ + done == whole_;
    if (quiet_ || (!terminal_ && !last && now - shown_ < std::chrono::seconds(10))) return;
    shown_ = now;
    std::string text = fmt::format("{} of {} runs done", skipped_ + done, whole_);
    if (skipped_ != 0) text += fmt::format(" ({} of them earlier)", skipped_);
    if (failed != 0) text += fmt::format(", {} failed", failed);
    if (done != 0 && !last) {
      const double each =
          std::chrono::duration<double>(now - start_).count() / static_cast<double>(done);
      const double left = std::ceil(each * static_cast<double>(whole_ - skipped_ - done));
      text += fmt::format(", {} left", readable(left, FigureUnit::seconds));
    }
    fmt::print(stderr, "{}{}{}", terminal_ ? "\r" : "", text,
               terminal_ ? (last ? "\x1b[K\n" : "\x1b[K") : "\n");
    std::fflush(stderr);
  }

 private:
  std::size_t skipped_;
  std::size_t whole_;
  bool quiet_;
  bool terminal_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point shown_{};
};

/// Runs what is not done yet; the exit status of every point.
Result<std::vector<int>, std::string> run_points(const Sweep& sweep, bool quiet) {
  std::vector<int> statuses(sweep.points.size());
  std::vector<std::size_t> open;
  for (std::size_t i = 0; i < sweep.points.size(); ++i) {
    if (!holds_run_of(sweep.out / sweep.points[i].name, sweep.scenarios[i])) open.push_back(i);
  }
  const std::string program = own_program();
  SweepProgress progress(sweep.points.size() - open.size(), sweep.points.size(), quiet);
  ChildProcesses children;
  std::size_t next = 0;
  std::size_t done = 0;
  std::size_t failed = 0;
  bool told = false;
  progress.show(0, 0);
  while (children.running() != 0 || (next < open.size() && !Interruption::asked())) {
    while (children.running() < sweep.jobs && next < open.size() && !Interruption::asked()) {
      const SweepPoint& point = sweep.points[open[next]];
      const fs::path log = sweep.out / kLogs / fmt::format("{}.txt", point.name);
      if (!children.start(open[next], sweep.words_of(point, program), log)) {
        const int code = errno;
        children.interrupt();
        return failure(fmt::format("a run could not be started: {}", std::strerror(code)));
      }
      ++next;
    }
    if (Interruption::asked() && !told) {
      children.interrupt();
      told = true;
    }
    if (children.running() == 0) continue;
    const auto ended = children.wait();
    if (!ended) continue;
    statuses[ended->id] = ended->status;
    ++done;
    if (ended->status != 0) ++failed;
    progress.show(done, failed);
  }
  return statuses;
}

int finish(const Command& command, const Sweep& sweep, const std::vector<int>& statuses,
           bool quiet) {
  std::vector<SweepRow> rows;
  std::string failures;
  std::size_t failed = 0;
  bool violation = false;
  for (std::size_t i = 0; i < sweep.points.size(); ++i) {
    const SweepPoint& point = sweep.points[i];
    SweepRow& row = rows.emplace_back(SweepRow{&point, statuses[i], {}});
    const auto text = read_text(sweep.out / point.name / "summary.json");
    auto figures = figures_of(text.value_or(""));
    if (statuses[i] == 0 && figures) {
      row.figures = std::move(*figures);
      continue;
    }
    if (row.status == 0) row.status = kExitFailure;
    ++failed;
    violation = violation || row.status == kExitViolation;
    failures += fmt::format("\n  {}: exit status {}, see {}", point.name, row.status,
                            (sweep.out / kLogs / fmt::format("{}.txt", point.name)).string());
  }
  const auto written = write_file(sweep.out / "sweep.csv", sweep_csv(rows));
  if (!written) return command_error(command.name, written.error(), kExitFailure);
  if (!quiet) {
    const int printed = print(fmt::format("{}\nAll figures of all runs: {}\n", sweep_table(rows),
                                          (sweep.out / "sweep.csv").string()));
    if (printed != kExitOk) return printed;
  }
  if (failed == 0) return kExitOk;
  return command_error(command.name,
                       fmt::format("{} of {} runs failed:{}", failed, rows.size(), failures),
                       violation ? kExitViolation : kExitFailure);
}

}  // namespace

void declare_sweep(cxxopts::Options& options) {
  add_run_options(options, true);
  auto add = options.add_options("Output");
  add("j,jobs", "Runs at the same time (as many as there are cores)", cxxopts::value<std::string>(),
      "N");
  add("o,out", "Folder for the results", cxxopts::value<std::string>(), "DIR");
  add("print", "Print a shell command for every run, and run nothing");
  add("q,quiet", "Show neither progress nor a table");
}

int sweep_command(const Command& command, const Arguments& arguments) {
  const auto sweep = sweep_of(arguments.options);
  if (!sweep) return usage_error(command.name, sweep.error());
  if (arguments.options.count("print") != 0) return print_commands(*sweep);
  const auto prepared = prepare(sweep->out);
  if (!prepared) return command_error(command.name, prepared.error(), kExitFailure);
  const bool quiet = arguments.options.count("quiet") != 0;
  const Interruption interruption;
  const auto statuses = run_points(*sweep, quiet);
  if (!statuses) return command_error(command.name, statuses.error(), kExitFailure);
  if (Interruption::asked()) {
    return command_error(command.name, "interrupted; the same command goes on where this one ended",
                         kExitInterrupted);
  }
  return finish(command, *sweep, *statuses, quiet);
}

}  // namespace thicket::sim
