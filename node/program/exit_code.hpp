#pragma once

namespace thicket::program {

/// What every program of ours ends with; each adds its own.
constexpr int kExitOk = 0;
constexpr int kExitFailure = 1;  ///< it could not be done, or did not come out as it should
constexpr int kExitUsage = 2;    ///< unknown command, unknown option, bad argument

}  // namespace thicket::program
