#pragma once

#include "sim/pings.hpp"
#include "sim/results.hpp"

namespace thicket::sim {

/// Fills in what Results says about pings, stretch and relays. Pings that still wait do not count.
void fill_ping_figures(const Pings& pings, Results& results);

}  // namespace thicket::sim
