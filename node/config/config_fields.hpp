#pragma once

#include <filesystem>

#include "node/config/config.hpp"
#include "node/config/hjson.hpp"

namespace thicket::node {

/// Checks every key of a parsed configuration file and takes its values (admin.md §13).
CheckedConfig read_config_fields(const HjsonValue& root, const std::filesystem::path& file);

}  // namespace thicket::node
