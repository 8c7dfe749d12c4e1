#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "routing/lookup_trace.hpp"

namespace thicket::node {

/// The answer to the administration request `lookup`: times in nanoseconds as elsewhere, ages in
/// seconds. Members that say nothing are left out.
nlohmann::json lookup_status(const routing::LookupTrace& trace, std::uint64_t unix_seconds);

}  // namespace thicket::node
