#include "sim/root_loss.hpp"

#include "sim/tree_view.hpp"

namespace thicket::sim {

void plan_root_loss(Simulation& simulation, const RootLoss& options, Instant end) {
  if (simulation.now().steady + options.at >= end) return;
  simulation.after(options.at, [&simulation, options, end] {
    const NodeIndex root = lowest_running(simulation);
    if (root == kNoNode) return;
    if (options.crash) {
      simulation.crash(root);
    } else {
      simulation.stop(root);
    }
    if (!options.return_after || simulation.now().steady + *options.return_after > end) return;
    simulation.after(*options.return_after, [&simulation, root] { simulation.start(root); });
  });
}

}  // namespace thicket::sim
