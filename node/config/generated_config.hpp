#pragma once

#include <string>
#include <string_view>

#include "crypto/key_pair.hpp"
#include "node/config/config.hpp"

namespace thicket::node {

/// A configuration with its secrets, every key explained by comments. Yggdrasil reads it too.
std::string config_as_hjson(const Config& config);
/// A new configuration with every key of admin.md §13 at its default and `identity` as its private
/// key, explained by comments. Yggdrasil reads it too.
std::string config_as_hjson(const KeyPair& identity, std::string_view admin_listen);
/// The same as JSON.
std::string config_as_json(const KeyPair& identity, std::string_view admin_listen);

}  // namespace thicket::node
