#pragma once

#include <nlohmann/json_fwd.hpp>

#include "node/config/config_follower.hpp"

namespace thicket::node {

/// What the administration socket answers to `reload`: {changed: [{key, text}], restart: [the
/// same], failed: [the same], warnings: [text]}.
nlohmann::json reload_status(const ReloadReport& report);

}  // namespace thicket::node
