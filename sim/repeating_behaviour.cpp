#include "sim/repeating_behaviour.hpp"

#include "sim/simulation.hpp"

namespace thicket::sim {

RepeatingBehaviour::RepeatingBehaviour(std::uint64_t per_1000_s, Prng random)
    : interval_(Duration(std::chrono::seconds(1000)) / static_cast<std::int64_t>(per_1000_s)),
      random_(random),
      alive_(std::make_shared<char>()) {}

void RepeatingBehaviour::started(Simulation& simulation, NodeIndex node) {
  schedule(simulation, node, simulation.life(node));
}

void RepeatingBehaviour::schedule(Simulation& simulation, NodeIndex node, std::uint32_t life) {
  simulation.after(interval_, [this, &simulation, node, life, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    if (!simulation.running(node) || simulation.life(node) != life) return;
    schedule(simulation, node, life);
    act(simulation, node);
  });
}

}  // namespace thicket::sim
