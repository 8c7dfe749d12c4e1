#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace thicket::node {

/// What `thicket run` was asked for.
struct RunOptions {
  std::optional<std::filesystem::path> config_file;  ///< absent: the default one, made if missing
  std::vector<std::string> peers;        ///< URIs dialled in addition to the configured ones
  std::optional<std::string> user;       ///< to become: "NAME[:GROUP]"
  std::optional<std::string> log_level;  ///< one of kLogLevels; absent: the configuration's
};

/// Runs a node until SIGTERM or SIGINT; SIGHUP has it follow its configuration. Returns the
/// process's exit status; says itself what went wrong.
int run_command(const RunOptions& options);

}  // namespace thicket::node
