#pragma once

#include <string>
#include <vector>

#include "sim/results.hpp"

namespace thicket::sim {

/// A place on paper.
struct DrawnPlace {
  double x = 0;
  double y = 0;
};

/// Where each of `nodes` is drawn, within [0, 1] × [0, 1], y down: at its place if the topology has
/// places, else on rings around its root, each subtree in a sector of its own. Nodes that hang on
/// no root are on the outermost ring.
std::vector<DrawnPlace> lay_out(const std::vector<DrawnNode>& nodes);

/// The network at the end of a run as an inline SVG with its legend, or why it is not drawn.
std::string topology_html(const Results& results);

}  // namespace thicket::sim
