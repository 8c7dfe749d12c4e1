#include "sim/black_hole.hpp"

#include "routing/frame.hpp"
#include "sim/simulation.hpp"

namespace thicket::sim {

void BlackHole::started(Simulation& simulation, NodeIndex node) {
  own_key_ = simulation.key(node);
}

bool BlackHole::lets_in(Time, ByteView body) {
  if (routing::peek_type(body) != routing::FrameType::traffic) return true;
  const auto traffic = routing::decode_traffic(body);
  return traffic && traffic->dest == own_key_;
}

}  // namespace thicket::sim
