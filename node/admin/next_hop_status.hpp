#pragma once

#include <nlohmann/json_fwd.hpp>

#include "node/next_hops.hpp"

namespace thicket::node {

/// The answer to the administration request `trace`. Members that say nothing are left out.
nlohmann::json next_hop_status(const NextHop& hop);

}  // namespace thicket::node
