#pragma once

#include <string_view>

namespace thicket::node {

/// What this build calls itself to its user and to other nodes.
std::string_view build_name();      ///< "thicket"
std::string_view build_version();   ///< "0.1.0"
std::string_view build_platform();  ///< "linux"
std::string_view build_arch();      ///< in the network's own terms: "amd64", "arm64", …

}  // namespace thicket::node
