#pragma once

#include "crypto/public_key.hpp"
#include "sim/behaviour.hpp"

namespace thicket::sim {

/// Takes part in everything, but drops the traffic of others.
class BlackHole final : public Behaviour {
 public:
  void started(Simulation& simulation, NodeIndex node) override;
  bool lets_in(Time now, ByteView body) override;

 private:
  PublicKey own_key_;
};

}  // namespace thicket::sim
