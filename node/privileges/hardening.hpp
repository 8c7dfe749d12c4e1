#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "crypto/result.hpp"
#include "node/config/config.hpp"
#include "node/privileges/account.hpp"
#include "node/privileges/landlock.hpp"
#include "node/privileges/protections.hpp"

// How a daemon gives up what it no longer needs once its device and its sockets are open.
namespace thicket::node {

struct HardeningPlan {
  std::optional<Account> account;  ///< to become; absent: whoever we are
  Capabilities capabilities = 0;   ///< to keep
  bool sandbox = true;
  std::vector<FileRule> files;                 ///< all that may be touched
  std::vector<std::filesystem::path> sockets;  ///< our own in the file system
  std::filesystem::path config_file;
  bool config_is_new = false;              ///< made by this very start
  std::filesystem::path private_key_file;  ///< which the configuration names; empty: none
};

/// What a daemon with this configuration needs.
HardeningPlan plan_hardening(const Config& config, const std::filesystem::path& config_file,
                             bool config_is_new, std::optional<Account> account);

/// Carries it out, while there is one thread only: gives our sockets, and a configuration that is
/// new, to the account, becomes it, and goes into the sandbox as far as the kernel has one. Logs
/// what will not work later. After an error the process must not go on.
Result<Protections, std::string> harden(const HardeningPlan& plan);

/// What to do so that this process can read `file` again; empty: it can.
std::string readability_advice(const std::filesystem::path& file);

}  // namespace thicket::node
