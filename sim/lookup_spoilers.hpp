#pragma once

#include "crypto/public_key.hpp"
#include "sim/behaviour.hpp"

namespace thicket::sim {

/// Takes part in everything, and keeps to itself what it is asked to hand on or to keep: finds and
/// stores of the DHT. Frames that only pass through it are not touched.
class FindSwallower final : public Behaviour {
 public:
  void started(Simulation& simulation, NodeIndex node) override;
  bool lets_in(Time now, ByteView body) override;

 private:
  PublicKey own_key_;
};

/// Takes part in everything, even keeps what it is given, but answers every find that reaches it
/// with "not found".
class FindDenier final : public Behaviour {
 public:
  void started(Simulation& simulation, NodeIndex node) override;
  bool lets_in(Time now, ByteView body) override;

 private:
  Simulation* simulation_ = nullptr;
  NodeIndex node_ = kNoNode;
};

}  // namespace thicket::sim
