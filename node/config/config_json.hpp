#pragma once

#include <nlohmann/json_fwd.hpp>

#include "node/config/config.hpp"

namespace thicket::node {

enum class Secrets {
  shown,
  hidden,  ///< keys and passwords read "(hidden)", and URIs have no query and no user
};

/// Every key of a configuration with its value, in the order in which files have them: a JSON
/// object that reads back as the same configuration if its secrets are shown.
nlohmann::ordered_json config_as_values(const Config& config, Secrets secrets);

}  // namespace thicket::node
