#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace thicket::node {

/// What `thicket run` was asked for.
struct RunOptions {
  std::optional<std::filesystem::path> config_file;  ///< absent: the default one, made if missing
  std::vector<std::string> peers;  ///< URIs dialled in addition to the configured ones
  std::string log_level = "info";  ///< error, warn, info or debug
};

/// Runs a node until SIGTERM, SIGINT or SIGHUP. Returns the process's exit status; says itself what
/// went wrong.
int run_command(const RunOptions& options);

}  // namespace thicket::node
