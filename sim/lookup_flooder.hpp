#pragma once

#include "sim/repeating_behaviour.hpp"

namespace thicket::sim {

/// Sends lookups of random keys to all peers, whatever their filters say.
class LookupFlooder final : public RepeatingBehaviour {
 public:
  using RepeatingBehaviour::RepeatingBehaviour;

 private:
  void act(Simulation& simulation, NodeIndex node) override;
};

}  // namespace thicket::sim
