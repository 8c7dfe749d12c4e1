#pragma once

#include <string>

#include "crypto/result.hpp"

namespace thicket::node {

/// Sends the process's log to standard error: what is at least as grave as `level` (error, warn,
/// info or debug), with the time of day unless systemd keeps the log. The error is one sentence.
Result<void, std::string> start_logging(const std::string& level);
/// Says nothing from here on.
void silence_logging();

}  // namespace thicket::node
