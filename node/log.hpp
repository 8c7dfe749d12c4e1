#pragma once

#include <array>
#include <string>
#include <string_view>

#include "crypto/result.hpp"
#include "node/event_log.hpp"

namespace thicket::node {

/// How much is logged, from little to much.
inline constexpr std::array<std::string_view, 4> kLogLevels{"error", "warn", "info", "debug"};

/// Sends the process's log to standard error: what is at least as grave as `level` (error, warn,
/// info or debug), with the time of day unless systemd keeps the log. The error is one sentence.
Result<void, std::string> start_logging(const std::string& level);
/// Another level from now on, one of kLogLevels; a log that is silenced stays so.
void set_log_level(const std::string& level);
/// What the process's log told last.
EventLog& event_log();
/// Says nothing from here on.
void silence_logging();

}  // namespace thicket::node
