#pragma once

namespace thicket::sim {

/// What thicket-sim ends with; documented in thicket-sim.1.
enum ExitCode : int {
  kExitOk = 0,
  kExitFailure = 1,        ///< it could not be done, or did not come out as it should
  kExitUsage = 2,          ///< unknown command, unknown option, bad argument, bad scenario
  kExitViolation = 3,      ///< an invariant of the code under test did not hold
  kExitInterrupted = 130,  ///< by SIGINT or SIGTERM
};

}  // namespace thicket::sim
