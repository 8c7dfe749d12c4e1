#include "sim/lookup_flooder.hpp"

#include "routing/frame.hpp"
#include "sim/simulation.hpp"

namespace thicket::sim {

void LookupFlooder::act(Simulation& simulation, NodeIndex node) {
  PublicKey anyone;
  random().fill(anyone.bytes);
  const auto coordinates = routing::encode_path(simulation.router(node).coordinates());
  const Packet body = routing::encode(
      routing::PathLookup{simulation.key(node), anyone, routing::PathView(coordinates)});
  simulation.inject(node, std::nullopt, body.bytes());
}

}  // namespace thicket::sim
