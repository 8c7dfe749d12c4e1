#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "crypto/random.hpp"
#include "crypto/result.hpp"
#include "node/config/config.hpp"

namespace thicket::node {

/// What decides where a node keeps its files. Empty strings: not set.
struct Environment {
  bool root = false;
  std::string home;               ///< $HOME
  std::string state_directory;    ///< $STATE_DIRECTORY, as systemd sets it
  std::string runtime_directory;  ///< $RUNTIME_DIRECTORY, as systemd sets it
  std::string xdg_state_home;     ///< $XDG_STATE_HOME
  std::string xdg_runtime_dir;    ///< $XDG_RUNTIME_DIR
  std::string system_runtime;     ///< where the sockets of services and of root are: /run

  static Environment of_process();
};

/// Where a node keeps its key and configuration: $STATE_DIRECTORY; as root /var/lib/thicket; else
/// $XDG_STATE_HOME/thicket or ~/.local/state/thicket. Empty: nowhere, there is no home.
std::filesystem::path state_directory(const Environment& environment);
/// thicket.conf in the state directory; empty if there is none.
std::filesystem::path default_config_file(const Environment& environment);
/// The AdminListen that generated configurations get: a socket in a folder that only its user (or
/// root) can write to. "none" if there is no such folder or its path is too long for a socket.
std::string default_admin_listen(const Environment& environment);

/// A configuration, and where it came from.
struct OpenedConfig {
  Config config;  ///< config.identity may be absent if the file names no key
  std::filesystem::path file;
  bool created = false;  ///< the file was made just now, with a fresh key
  bool keyless = false;  ///< the file names no key
};

/// Reads `named`, or if absent the default configuration file; makes the latter, with a fresh key,
/// mode 0600 and its folder 0700, if it does not exist yet. An existing file is never written to.
Result<OpenedConfig, ConfigError> open_config(const std::optional<std::filesystem::path>& named,
                                              const Environment& environment, Random& random);

/// The same file again, for a node that runs with it: never made.
Result<Config, ConfigError> reopen_config(const std::optional<std::filesystem::path>& named,
                                          const Environment& environment);

}  // namespace thicket::node
