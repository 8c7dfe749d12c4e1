#pragma once

#include <memory>
#include <vector>

#include "sim/behaviour.hpp"
#include "sim/prng.hpp"
#include "sim/scenario_disturbances.hpp"
#include "sim/simulation.hpp"

namespace thicket::sim {

std::unique_ptr<Behaviour> make_adversary(const Adversary& options, Prng random);

/// The running nodes that turn hostile, of nodes 0 … `nodes` - 1.
std::vector<NodeIndex> choose_adversaries(const Simulation& simulation, const Adversary& options,
                                          std::size_t nodes, Prng& random);

/// Turns nodes hostile when it is time, unless that is at `end` or later. Times count from now. The
/// simulation must outlive what is planned.
void plan_adversaries(Simulation& simulation, const Adversary& options, std::size_t nodes,
                      Prng random, Instant end);

}  // namespace thicket::sim
