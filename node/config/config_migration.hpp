#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/random.hpp"
#include "crypto/result.hpp"
#include "node/config/config.hpp"

namespace thicket::node {

/// What becomes of a yggdrasil.conf.
struct Migration {
  Config config;                      ///< has a key
  std::vector<std::string> kept;      ///< keys whose values are as they were
  std::vector<std::string> changed;   ///< "key: what became of it"
  std::vector<std::string> left_out;  ///< one sentence each
};

/// Makes a configuration of ours from a yggdrasil.conf, HJSON or JSON. `admin_listen` is where ours
/// have their administration socket. The errors are all the file has; it is unusable with any.
Result<Migration, std::vector<ConfigError>> migrate_config(const std::filesystem::path& file,
                                                           std::string_view admin_listen,
                                                           Random& random);

}  // namespace thicket::node
