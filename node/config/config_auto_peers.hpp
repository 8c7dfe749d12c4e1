#pragma once

#include <span>

#include "node/config/config.hpp"
#include "node/config/config_object.hpp"

namespace thicket::node {

/// The keys of AutoPeers.
std::span<const ConfigField<AutoPeersConfig>> auto_peers_fields();

}  // namespace thicket::node
