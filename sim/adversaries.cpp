#include "sim/adversaries.hpp"

#include <algorithm>

#include "sim/announcement_flapper.hpp"
#include "sim/black_hole.hpp"
#include "sim/lookup_flooder.hpp"
#include "sim/sequence_roll_back.hpp"
#include "sim/tree_view.hpp"

namespace thicket::sim {

std::unique_ptr<Behaviour> make_adversary(const Adversary& options, Prng random) {
  switch (options.kind) {
    case Adversary::Kind::announcement_flapper:
      return std::make_unique<AnnouncementFlapper>(options.per_1000_s, random);
    case Adversary::Kind::lookup_flooder:
      return std::make_unique<LookupFlooder>(options.per_1000_s, random);
    case Adversary::Kind::sequence_roll_back:
      return std::make_unique<SequenceRollBack>(options.per_1000_s, random);
    case Adversary::Kind::black_hole:
      break;
  }
  return std::make_unique<BlackHole>();
}

std::vector<NodeIndex> choose_adversaries(const Simulation& simulation, const Adversary& options,
                                          std::size_t nodes, Prng& random) {
  std::vector<NodeIndex> chosen;
  for (NodeIndex node = 0; node < nodes; ++node) {
    if (simulation.running(node)) chosen.push_back(node);
  }
  switch (options.where) {
    case Adversary::Where::random:
      random.shuffle(std::span(chosen));
      break;
    case Adversary::Where::busiest: {
      const TreeView tree(simulation);
      std::ranges::stable_sort(chosen, [&tree](NodeIndex a, NodeIndex b) {
        return tree.pairs_through(a) > tree.pairs_through(b);
      });
      break;
    }
    case Adversary::Where::root:
      std::ranges::sort(chosen, [&simulation](NodeIndex a, NodeIndex b) {
        return simulation.key(a) < simulation.key(b);
      });
      break;
  }
  const std::size_t count =
      options.share_ppm ? (nodes * *options.share_ppm + 999'999) / 1'000'000 : options.count;
  chosen.resize(std::min(chosen.size(), count));
  return chosen;
}

void plan_adversaries(Simulation& simulation, const Adversary& options, std::size_t nodes,
                      Prng random, Instant end) {
  if (simulation.now().steady + options.from >= end) return;
  simulation.after(options.from, [&simulation, options, nodes, stream = random]() mutable {
    for (const NodeIndex node : choose_adversaries(simulation, options, nodes, stream)) {
      simulation.note(node, "turns hostile");
      simulation.set_behaviour(node, make_adversary(options, stream.fork(node)));
    }
  });
}

}  // namespace thicket::sim
