#pragma once

#include "sim/prng.hpp"
#include "sim/scenario_disturbances.hpp"
#include "sim/simulation.hpp"

namespace thicket::sim {

/// Plans when `node`, whose key is the lowest of all, joins, leaves and returns. Times count from
/// now; nothing happens from `end` on. The simulation must outlive what is planned.
void plan_root_takeover(Simulation& simulation, const RootTakeover& options, NodeIndex node,
                        Prng random, Instant end);

}  // namespace thicket::sim
