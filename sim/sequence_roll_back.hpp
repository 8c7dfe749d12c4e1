#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "crypto/public_key.hpp"
#include "routing/frame.hpp"
#include "sim/repeating_behaviour.hpp"

namespace thicket::sim {

/// Starts again with its clock set back an hour, and then repeats the oldest record of this life,
/// whose seq is lower than what others remember of it.
class SequenceRollBack final : public RepeatingBehaviour {
 public:
  using RepeatingBehaviour::RepeatingBehaviour;
  void started(Simulation& simulation, NodeIndex node) override;
  bool lets_out(Time now, ByteView body) override;
  /// What is repeated; nullopt: nothing yet.
  const std::optional<routing::Announce>& oldest() const { return oldest_; }

 private:
  void act(Simulation& simulation, NodeIndex node) override;

  PublicKey own_key_;
  bool restarted_ = false;
  std::optional<routing::Announce> oldest_;
};

}  // namespace thicket::sim
