#pragma once

#include <map>
#include <optional>

#include "crypto/public_key.hpp"
#include "routing/frame.hpp"
#include "sim/repeating_behaviour.hpp"

namespace thicket::sim {

/// Announces a new record of itself again and again, each with a seq of its own and rightly signed:
/// as a root, and as a child of a peer by turns, as far as peers sign for it.
class AnnouncementFlapper final : public RepeatingBehaviour {
 public:
  using RepeatingBehaviour::RepeatingBehaviour;
  bool lets_in(Time now, ByteView body) override;

 private:
  struct Offer {
    PublicKey parent;
    routing::SigReq request;
    std::optional<routing::SigRes> response{};
  };
  void act(Simulation& simulation, NodeIndex node) override;
  std::optional<routing::Announce> as_child(const Simulation& simulation, NodeIndex node);
  void ask(Simulation& simulation, NodeIndex node);

  std::uint64_t seq_ = 0;
  std::map<std::uint64_t, Offer> offers_;  ///< by seq
};

}  // namespace thicket::sim
