#include "sim/growth.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace thicket::sim {

void grow(Simulation& simulation, const Growth& options, std::size_t nodes, Prng random) {
  std::vector<NodeIndex> order(nodes);
  std::iota(order.begin(), order.end(), NodeIndex{0});
  if (options.shuffled) random.shuffle(std::span(order));
  const std::size_t at_once = std::min(options.at_once, nodes);
  const auto rest = static_cast<std::int64_t>(nodes - at_once);
  for (std::size_t i = 0; i < nodes; ++i) {
    if (i < at_once) {
      simulation.start(order[i]);
      continue;
    }
    const auto turn = static_cast<std::int64_t>(i - at_once + 1);
    const Duration interval = options.over / rest;
    const Duration rounded_off = options.over % rest;
    simulation.after(interval * turn + rounded_off * turn / rest,
                     [&simulation, node = order[i]] { simulation.start(node); });
  }
}

}  // namespace thicket::sim
