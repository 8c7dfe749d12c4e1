#pragma once

#include "sim/scenario_disturbances.hpp"
#include "sim/simulation.hpp"

namespace thicket::sim {

/// Ends the running node with the lowest key, and starts it again, if asked to. Times count from
/// now; nothing happens from `end` on. The simulation must outlive what is planned.
void plan_root_loss(Simulation& simulation, const RootLoss& options, Instant end);

}  // namespace thicket::sim
