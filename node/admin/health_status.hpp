#pragma once

#include <nlohmann/json_fwd.hpp>

#include "node/health.hpp"

namespace thicket::node {

/// {healthy, problems: [{problem, reason}]}
nlohmann::json health_status(const Health& health);

}  // namespace thicket::node
