#pragma once

#include <string>
#include <string_view>

namespace thicket::node {

/// What this build calls itself to its user and to other nodes.
std::string_view build_name();      ///< "thicket"
std::string_view build_version();   ///< "0.1.0"
std::string_view build_platform();  ///< "linux"
/// Name and version, as other Thicket nodes are told: "thicket/0.1.0".
std::string build_agent();
std::string_view build_arch();  ///< in the network's own terms: "amd64", "arm64", …

}  // namespace thicket::node
