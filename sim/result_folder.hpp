#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "crypto/result.hpp"
#include "sim/results.hpp"
#include "sim/run.hpp"

namespace thicket::sim {

/// A run that failed, as failure.json tells it.
struct RecordedFailure {
  std::string what;
  std::uint64_t event = 0;
  std::string scenario_json;
};

/// A run that went well, as its folder tells it.
struct RecordedRun {
  std::string trace_hash;
  std::string scenario_json;
};

/// Makes `folder` ready for the results of a run, and puts scenario.json there. Results of an
/// earlier run go; a folder with anything else in it is refused. Errors are sentences.
Result<void, std::string> prepare_result_folder(const std::filesystem::path& folder,
                                                std::string_view scenario_json);
/// Writes report.html and all that write_results() does.
Result<void, std::string> write_result_folder(const std::filesystem::path& folder,
                                              const Results& results);
/// Writes failure.json.
Result<void, std::string> write_failure(const std::filesystem::path& folder,
                                        const RunFailure& failure, std::string_view scenario_json);

/// Whether `folder` holds a complete run of just this scenario.
bool holds_run_of(const std::filesystem::path& folder, std::string_view scenario_json);

/// `path`: a failure.json.
Result<RecordedFailure, std::string> read_failure(const std::filesystem::path& path);
Result<RecordedRun, std::string> read_run(const std::filesystem::path& folder);

/// The whole of a text file; errors are sentences that name it.
Result<std::string, std::string> read_text(const std::filesystem::path& file);

}  // namespace thicket::sim
