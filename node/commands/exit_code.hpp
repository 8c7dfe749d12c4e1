#pragma once

#include "program/exit_code.hpp"

namespace thicket::node {

/// What the process ends with; documented in thicket.1.
enum ExitCode : int {
  kExitOk = program::kExitOk,
  kExitFailure = program::kExitFailure,
  kExitUsage = program::kExitUsage,
  kExitBadConfig = 3,  ///< the configuration cannot be read or used
  kExitNotFound = 4,   ///< all went well, and what was looked for is not there
  kExitWarnings = 5,   ///< doctor: it works, but not as well as it could
  kExitProblems = 6,   ///< doctor: something does not work
};

}  // namespace thicket::node
