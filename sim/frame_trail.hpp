#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "routing/frame.hpp"
#include "sim/simulation.hpp"

namespace thicket::sim {

/// Where a Traffic frame went, by what was seen of it on links. A router may send the same frame
/// again; then the newest attempt counts.
class FrameTrail {
 public:
  /// How the frame got to a node.
  struct Arrival {
    NodeIndex node = kNoNode;
    std::uint32_t hops = 0;
    Instant left_at{};  ///< its source
  };

  explicit FrameTrail(std::uint64_t carried) : message(carried) {}

  void sent(const Simulation& simulation, const FrameEvent& event, bool by_source);
  /// Just before the node handles it.
  void received(const Simulation& simulation, const FrameEvent& event,
                const routing::Traffic& traffic);
  void lost(const Simulation& simulation, const FrameEvent& event, LossCause cause);

  /// nullptr: it did not get there.
  const Arrival* arrival_at(NodeIndex node) const;
  /// Why it is not at `dest`, or was of no use there; see Pings.
  std::string cause_of_loss(const Simulation& simulation, NodeIndex dest) const;

  std::uint64_t message;  ///< which it carries, for the owner

 private:
  enum class Fate : std::uint8_t { on_link, at_node, lost };
  std::string cause_at_node(const Simulation& simulation) const;

  std::vector<Arrival> flying_;
  std::vector<Arrival> reached_;
  Fate fate_ = Fate::on_link;
  NodeIndex at_ = kNoNode;  ///< the node that has it, or sent it
  LinkIndex link_ = 0;
  LossCause cause_ = LossCause::link_cut;
  std::uint32_t life_ = 0;  ///< of the node, when it got there
  bool had_next_hop_ = true;
  std::uint64_t queue_drops_ = 0;  ///< of the node by then
  std::uint64_t link_drops_ = 0;
};

/// What a frame was really lost to: what a silent link held back is lost when the link is given up,
/// but it was the silence that lost it.
LossCause underlying_cause(const Simulation& simulation, const FrameEvent& event, LossCause cause);

}  // namespace thicket::sim
