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
};

}  // namespace thicket::node
