#include "sim/root_takeover.hpp"

#include <memory>

#include "sim/announcement_flapper.hpp"
#include "sim/black_hole.hpp"

namespace thicket::sim {

namespace {

std::unique_ptr<Behaviour> behaviour_of(const RootTakeover& options, Prng random) {
  switch (options.misbehaviour) {
    case RootTakeover::Misbehaviour::flap:
      return std::make_unique<AnnouncementFlapper>(options.flaps_per_1000_s, random);
    case RootTakeover::Misbehaviour::black_hole:
      return std::make_unique<BlackHole>();
    case RootTakeover::Misbehaviour::none:
      break;
  }
  return nullptr;
}

}  // namespace

void plan_root_takeover(Simulation& simulation, const RootTakeover& options, NodeIndex node,
                        Prng random, Instant end) {
  Instant at = simulation.now().steady + options.at;
  if (at >= end) return;
  simulation.set_behaviour(node, behaviour_of(options, random));
  simulation.at(at, [&simulation, node] { simulation.start(node); });
  if (!options.leave_after) return;
  at += *options.leave_after;
  if (at > end) return;
  simulation.at(at, [&simulation, node, crash = options.crash] {
    if (crash) {
      simulation.crash(node);
    } else {
      simulation.stop(node);
    }
  });
  if (!options.return_after) return;
  at += *options.return_after;
  if (at <= end) simulation.at(at, [&simulation, node] { simulation.start(node); });
}

}  // namespace thicket::sim
