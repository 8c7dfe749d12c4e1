#include "sim/result_folder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>

#include "sim/figure.hpp"
#include "sim/report_page.hpp"
#include "sim/result_files.hpp"
#include "sim/summary.hpp"
#include "sim/version.hpp"

namespace thicket::sim {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 7> kFiles{"scenario.json", "series.csv",  "pings.csv",
                                                 "stretch.csv",   "report.html", "summary.json",
                                                 "failure.json"};

struct Closer {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Closer>;

std::string text_of(const std::vector<Figure>& figures, std::string_view key) {
  const auto found = std::ranges::find(figures, key, &Figure::key);
  return found == figures.end() ? std::string() : found->text;
}

}  // namespace

Result<std::string, std::string> read_text(const fs::path& file) {
  std::error_code error;
  if (fs::is_directory(file, error)) {
    return failure(fmt::format("{}: it is a folder", file.string()));
  }
  const File in(std::fopen(file.c_str(), "rbe"));
  if (!in) return failure(fmt::format("{}: {}", file.string(), std::strerror(errno)));
  std::string text;
  std::array<char, 65536> part{};
  while (const std::size_t n = std::fread(part.data(), 1, part.size(), in.get())) {
    text.append(part.data(), n);
  }
  if (std::ferror(in.get()) != 0) {
    return failure(fmt::format("{}: it cannot be read", file.string()));
  }
  return text;
}

Result<void, std::string> prepare_result_folder(const fs::path& folder,
                                                std::string_view scenario_json) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error || !fs::is_directory(folder)) {
    return failure(fmt::format("{}: it cannot be made a folder: {}", folder.string(),
                               error ? error.message() : "there is a file of that name"));
  }
  const bool ours = fs::exists(folder / "scenario.json", error);
  for (fs::directory_iterator at(folder, error); !ours && at != fs::directory_iterator(); ++at) {
    return failure(fmt::format(
        "{}: there are files in it that are no results of a run ({}); name a new or empty folder",
        folder.string(), at->path().filename().string()));
  }
  if (error) return failure(fmt::format("{}: {}", folder.string(), error.message()));
  for (const std::string_view file : kFiles) fs::remove(folder / file, error);
  return write_file(folder / "scenario.json", scenario_json);
}

Result<void, std::string> write_result_folder(const fs::path& folder, const Results& results) {
  const auto page = write_file(folder / "report.html", report_page(results, summary_json(results)));
  return page ? write_results(results, folder) : page;
}

Result<void, std::string> write_failure(const fs::path& folder, const RunFailure& run_failure,
                                        std::string_view scenario_json) {
  nlohmann::ordered_json events = nlohmann::ordered_json::array();
  for (const TraceEvent& event : run_failure.last_events) events.push_back(describe(event));
  const nlohmann::ordered_json json{
      {"version", build_version()},
      {"what", run_failure.what},
      {"violation", run_failure.violation},
      {"seed", run_failure.seed},
      {"event", run_failure.event},
      {"elapsed_s", static_cast<double>(run_failure.elapsed.count()) / 1e9},
      {"last_events", events},
      {"scenario", nlohmann::ordered_json::parse(scenario_json)}};
  return write_file(
      folder / "failure.json",
      json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
}

bool holds_run_of(const fs::path& folder, std::string_view scenario_json) {
  const auto run = read_run(folder);
  return run && run->scenario_json == scenario_json;
}

Result<RecordedFailure, std::string> read_failure(const fs::path& path) {
  const auto text = read_text(path);
  if (!text) return failure(text.error());
  const auto json = nlohmann::ordered_json::parse(*text, nullptr, false);
  const auto bad = [&] {
    return failure(fmt::format("{}: it is no failure.json of thicket-sim", path.string()));
  };
  if (!json.is_object()) return bad();
  const auto what = json.find("what");
  const auto event = json.find("event");
  const auto scenario = json.find("scenario");
  if (what == json.end() || !what->is_string() || event == json.end() ||
      !event->is_number_unsigned() || scenario == json.end() || !scenario->is_object()) {
    return bad();
  }
  return RecordedFailure{what->get<std::string>(), event->get<std::uint64_t>(), scenario->dump()};
}

Result<RecordedRun, std::string> read_run(const fs::path& folder) {
  const auto summary = read_text(folder / "summary.json");
  if (!summary) return failure(summary.error());
  const auto figures = figures_of(*summary);
  const std::string hash = figures ? text_of(*figures, "trace_hash") : std::string();
  if (hash.empty()) {
    return failure(fmt::format("{}: it is no summary.json of thicket-sim",
                               (folder / "summary.json").string()));
  }
  auto scenario = read_text(folder / "scenario.json");
  if (!scenario) return failure(scenario.error());
  return RecordedRun{hash, std::move(*scenario)};
}

}  // namespace thicket::sim
