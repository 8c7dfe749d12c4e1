#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "crypto/result.hpp"
#include "crypto/time.hpp"
#include "sim/results.hpp"
#include "sim/scenario.hpp"
#include "sim/trace.hpp"

namespace thicket::sim {

/// How far a run is.
struct Progress {
  Duration elapsed{};   ///< simulated
  Duration duration{};  ///< that the scenario asks for
  std::uint64_t events = 0;
  std::uint64_t nodes_running = 0;
};

struct RunHooks {
  /// Called now and then; empty: not at all.
  std::function<void(const Progress&)> progress{};
  /// Called with every event from this number on; empty: not at all.
  std::function<void(const TraceEvent&)> trace{};
  std::uint64_t trace_from = 0;
};

/// Why a run ended early.
struct RunFailure {
  std::string what;        ///< the invariant, or what is wrong with the scenario
  bool violation = false;  ///< an invariant did not hold: a bug, to be replayed
  std::uint64_t seed = 0;
  std::uint64_t event = 0;  ///< number of the last trace event before it
  Duration elapsed{};
  std::vector<TraceEvent> last_events{};
};

/// Runs a scenario from beginning to end. A function of the scenario alone, but for Results::wall_s
/// and Results::rss_bytes, which the caller fills in.
Result<Results, RunFailure> run(const Scenario& scenario, const RunHooks& hooks = {});

}  // namespace thicket::sim
