#pragma once

#include "program/exit_code.hpp"

namespace thicket::sim {

/// What thicket-sim ends with; documented in thicket-sim.1.
enum ExitCode : int {
  kExitOk = program::kExitOk,
  kExitFailure = program::kExitFailure,
  kExitUsage = program::kExitUsage,  ///< a bad scenario too
  kExitViolation = 3,                ///< an invariant of the code under test did not hold
  kExitInterrupted = 130,            ///< by SIGINT or SIGTERM
};

}  // namespace thicket::sim
