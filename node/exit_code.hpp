#pragma once

namespace thicket::node {

/// What the process ends with; documented in thicket.1.
enum ExitCode : int {
  kExitOk = 0,
  kExitFailure = 1,    ///< it could not be done, or did not work
  kExitUsage = 2,      ///< unknown command, unknown option, bad argument
  kExitBadConfig = 3,  ///< the configuration cannot be read or used
  kExitNotFound = 4,   ///< all went well, and what was looked for is not there
};

}  // namespace thicket::node
