#pragma once

#include <cstdint>
#include <memory>

#include "sim/behaviour.hpp"
#include "sim/prng.hpp"

namespace thicket::sim {

/// Does something again and again while its node runs.
class RepeatingBehaviour : public Behaviour {
 public:
  /// `per_1000_s`: how often it acts in 1000 s, above 0.
  RepeatingBehaviour(std::uint64_t per_1000_s, Prng random);
  void started(Simulation& simulation, NodeIndex node) override;

 protected:
  virtual void act(Simulation& simulation, NodeIndex node) = 0;
  Prng& random() { return random_; }

 private:
  void schedule(Simulation& simulation, NodeIndex node, std::uint32_t life);

  Duration interval_;
  Prng random_;
  std::shared_ptr<const char> alive_;  // calls that the simulation still holds must notice its end
};

}  // namespace thicket::sim
