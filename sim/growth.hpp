#pragma once

#include "sim/prng.hpp"
#include "sim/scenario_disturbances.hpp"
#include "sim/simulation.hpp"

namespace thicket::sim {

/// Starts nodes 0 … `nodes` - 1, one after the other from now on. Keeps nothing alive.
void grow(Simulation& simulation, const Growth& options, std::size_t nodes, Prng random);

}  // namespace thicket::sim
