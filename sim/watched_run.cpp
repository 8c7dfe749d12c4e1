#include "sim/watched_run.hpp"

#include <sys/resource.h>

#include <chrono>
#include <optional>

#include "sim/interruption.hpp"
#include "sim/progress_bar.hpp"
#include "sim/version.hpp"

namespace thicket::sim {

Result<Results, RunFailure> watched_run(const Scenario& scenario, bool quiet, RunHooks hooks) {
  const Interruption interruption;
  std::optional<ProgressBar> bar;
  if (!quiet) bar.emplace();
  hooks.progress = [&](const Progress& progress) {
    if (Interruption::asked()) throw Interrupted{progress.elapsed};
    if (bar) bar->show(progress);
  };
  const auto start = std::chrono::steady_clock::now();
  auto results = run(scenario, hooks);
  if (!results) return results;
  results->wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  struct rusage usage {};
  ::getrusage(RUSAGE_SELF, &usage);
  results->rss_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  results->version = build_version();
  return results;
}

}  // namespace thicket::sim
