#pragma once

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "crypto/result.hpp"
#include "sim/graph.hpp"
#include "sim/link_outages.hpp"
#include "sim/position.hpp"
#include "sim/prng.hpp"
#include "sim/scenario.hpp"

namespace thicket::sim {

/// Draws properties of a link from what a scenario says of links.
LinkProperties draw_link(const LinkOptions& options, Prng& random);

/// The links between nodes at these places: in range, and the nearest first if there are too many.
std::vector<Edge> links_in_range(const Mobility& options, const std::vector<Position>& positions);

/// One step in a random direction from `from`, reflected at the borders.
Position step_from(Position from, const Mobility& options, Prng& random);

/// Nodes that move, and the links between them.
class MobilityProcess {
 public:
  MobilityProcess(Simulation& simulation, LinkOutages& outages, const Mobility& options,
                  const LinkOptions& links, Prng random);

  /// Puts `nodes` nodes, which the simulation must have, in their places, and links those in range.
  /// Fails with a sentence if no places were found with which the network is in one piece.
  Result<void, std::string> place(std::size_t nodes);
  /// The first step is an interval from now; none is made at `end` or later.
  void begin(Instant end);
  const std::vector<Position>& positions() const { return positions_; }
  std::uint32_t steps_made() const { return steps_made_; }

 private:
  using Ends = std::pair<NodeIndex, NodeIndex>;
  void step();
  void update_links();
  void appear(const Ends& ends);

  Simulation& simulation_;
  LinkOutages& outages_;
  Mobility options_;
  LinkOptions link_options_;
  Prng random_;
  std::vector<Position> positions_;
  std::map<Ends, LinkIndex> links_;  ///< all that ever were
  std::set<Ends> in_range_;
  Instant end_{};
  std::uint32_t steps_made_ = 0;
};

}  // namespace thicket::sim
