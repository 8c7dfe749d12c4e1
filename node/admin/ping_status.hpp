#pragma once

#include <nlohmann/json_fwd.hpp>

#include "node/pings.hpp"

namespace thicket::node {

/// The answer to the administration request `ping`; times in nanoseconds. Members that say nothing
/// are left out.
nlohmann::json ping_status(const PingOutcome& outcome);

}  // namespace thicket::node
