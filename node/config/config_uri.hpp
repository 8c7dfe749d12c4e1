#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace thicket::node {

/// Where the administration socket listens: "none", unix:///path or tcp://host:port. An empty text
/// is "none" and a bare host:port means tcp, as for Yggdrasil. nullopt: none of these.
std::optional<std::string> admin_listen_address(std::string_view text);

/// A URI as it may be shown: without user, password and query.
std::string without_secrets(std::string_view uri);

}  // namespace thicket::node
