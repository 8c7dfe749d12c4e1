#pragma once

#include "sim/results.hpp"

namespace thicket::sim {

/// Results as a run with churn might have them, with texts that must be escaped.
Results sample_results(std::uint32_t nodes);

}  // namespace thicket::sim
