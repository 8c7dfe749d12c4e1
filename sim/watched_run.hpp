#pragma once

#include "sim/run.hpp"

namespace thicket::sim {

/// What run() throws through when the user interrupts it; no std::exception, so that nobody takes
/// it for an error on the way.
struct Interrupted {
  Duration elapsed{};  ///< simulated
};

/// run() with a progress bar unless `quiet`, and with wall_s, rss_bytes and version filled in. At
/// SIGINT or SIGTERM it throws Interrupted.
Result<Results, RunFailure> watched_run(const Scenario& scenario, bool quiet, RunHooks hooks = {});

}  // namespace thicket::sim
