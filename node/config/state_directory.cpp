#include "node/config/state_directory.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "node/admin/admin_address.hpp"
#include "node/config/generated_config.hpp"
#include "node/file.hpp"

namespace thicket::node {

namespace {

std::string variable(const char* name) {
  const char* value = ::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

// systemd lists several folders with colons between them; the first is ours.
std::string first_folder(const std::string& folders) {
  return folders.substr(0, folders.find(':'));
}

bool is_missing(const std::filesystem::path& file) {
  struct stat status {};
  return ::lstat(file.c_str(), &status) != 0 && errno == ENOENT;
}

// A default configuration always has a key: one without would silently change the node's address.
Result<OpenedConfig, ConfigError> load_default(const std::filesystem::path& file, bool created) {
  auto config = load_config(file);
  if (!config) return failure(std::move(config.error()));
  if (!config->identity) {
    return failure(ConfigError{file, 0, "PrivateKey", "nothing",
                               "the key that this file was made with; restore it, or remove the "
                               "file to start with a new address"});
  }
  return OpenedConfig{std::move(*config), file, created};
}

}  // namespace

Environment Environment::of_process() {
  Environment out;
  out.root = ::geteuid() == 0;
  out.home = variable("HOME");
  out.state_directory = variable("STATE_DIRECTORY");
  out.runtime_directory = variable("RUNTIME_DIRECTORY");
  out.xdg_state_home = variable("XDG_STATE_HOME");
  out.xdg_runtime_dir = variable("XDG_RUNTIME_DIR");
  out.system_runtime = "/run";
  return out;
}

std::filesystem::path state_directory(const Environment& environment) {
  using std::filesystem::path;
  if (!environment.state_directory.empty()) return first_folder(environment.state_directory);
  if (environment.root) return "/var/lib/thicket";
  // The XDG specification has relative paths ignored.
  if (const path base = environment.xdg_state_home; base.is_absolute()) return base / "thicket";
  if (!environment.home.empty()) return path(environment.home) / ".local/state/thicket";
  return {};
}

std::filesystem::path default_config_file(const Environment& environment) {
  const std::filesystem::path folder = state_directory(environment);
  return folder.empty() ? folder : folder / "thicket.conf";
}

std::string default_admin_listen(const Environment& environment) {
  std::filesystem::path folder;
  if (!environment.runtime_directory.empty()) {
    folder = first_folder(environment.runtime_directory);
  } else if (environment.root) {
    folder = "/run";
  } else if (!environment.xdg_runtime_dir.empty()) {
    folder = environment.xdg_runtime_dir;
  } else {
    folder = state_directory(environment);
  }
  if (folder.empty()) return "none";
  std::string uri = "unix://" + (folder / "thicket.sock").string();
  return parse_admin_address(uri) ? uri : "none";  // the path may be too long for a socket
}

Result<Config, ConfigError> reopen_config(const std::optional<std::filesystem::path>& named,
                                          const Environment& environment) {
  if (named) return load_config(*named);
  auto opened = load_default(default_config_file(environment), false);
  if (!opened) return failure(std::move(opened.error()));
  return std::move(opened->config);
}

Result<OpenedConfig, ConfigError> open_config(const std::optional<std::filesystem::path>& named,
                                              const Environment& environment, Random& random) {
  if (named) {
    auto config = load_config(*named);
    if (!config) return failure(std::move(config.error()));
    const bool keyless = !config->identity;
    return OpenedConfig{std::move(*config), *named, false, keyless};
  }
  const std::filesystem::path file = default_config_file(environment);
  if (file.empty()) {
    return failure(ConfigError{"thicket.conf", 0, "", "no folder to keep it in",
                               "$HOME to be set, or --config FILE"});
  }
  if (!is_missing(file)) return load_default(file, false);

  std::string text = config_as_hjson(KeyPair::generate(random), default_admin_listen(environment));
  const auto made = create_private_file(file, text);
  wipe(text);
  if (!made && made.error().code != EEXIST) {
    return failure(ConfigError{file, 0, "", made.error().reason,
                               "to be able to make a configuration there, or --config FILE"});
  }
  return load_default(file, made.has_value());
}

}  // namespace thicket::node
