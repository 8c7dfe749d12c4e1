#pragma once

#include <string>

#include "sim/scenario.hpp"

namespace thicket::sim {

/// What is wrong with a scenario that no single value shows; empty: nothing.
std::string find_fault(const Scenario& scenario);

/// From the end of the warm-up until all that has an end of its own has happened, the cool-down not
/// included.
Duration activity_length(const Scenario& scenario);

/// The length of one round of a pace.
Duration round_length(const Scenario& scenario, const Pace& pace);

}  // namespace thicket::sim
