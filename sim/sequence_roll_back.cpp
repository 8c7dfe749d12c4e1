#include "sim/sequence_roll_back.hpp"

#include <utility>
#include <variant>

#include "sim/simulation.hpp"

namespace thicket::sim {

using namespace routing;

namespace {

constexpr std::int64_t kSetBack = -3600;

}  // namespace

void SequenceRollBack::started(Simulation& simulation, NodeIndex node) {
  own_key_ = simulation.key(node);
  if (std::exchange(restarted_, true)) return RepeatingBehaviour::started(simulation, node);
  // Not from within being started.
  simulation.after(Duration{}, [&simulation, node] {
    simulation.crash(node);
    simulation.set_clock_offset(node, kSetBack);
    simulation.start(node);
  });
}

bool SequenceRollBack::lets_out(Time, ByteView body) {
  if (!restarted_ || peek_type(body) != FrameType::announce) return true;
  const auto frame = decode_frame(body);
  if (!frame) return true;
  const auto& announce = std::get<Announce>(*frame);
  if (announce.key == own_key_ && (!oldest_ || announce.seq < oldest_->seq)) oldest_ = announce;
  return true;
}

void SequenceRollBack::act(Simulation& simulation, NodeIndex node) {
  if (!oldest_) return;
  const Packet body = encode(*oldest_);
  simulation.inject(node, std::nullopt, body.bytes());
}

}  // namespace thicket::sim
