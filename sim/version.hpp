#pragma once

#include <string_view>

namespace thicket::sim {

/// Of this build: "0.1.0".
std::string_view build_version();

}  // namespace thicket::sim
