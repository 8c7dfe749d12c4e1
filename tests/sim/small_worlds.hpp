#pragma once

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "sim/simulation.hpp"

namespace thicket::sim {

inline SimulationOptions fast_options(std::uint64_t seed = 1) {
  SimulationOptions options;
  options.seed = seed;
  options.cryptography = CryptographyKind::fast;
  options.invariant_interval = 1;
  return options;
}

/// Nodes in ascending order of their keys: node 0 is to become the root.
inline void add_nodes_by_key(Simulation& simulation, std::size_t count) {
  std::vector<KeyPair> pairs;
  Prng random(simulation.options().seed);
  for (std::size_t i = 0; i < count; ++i) pairs.push_back(KeyPair::generate(random));
  std::ranges::sort(pairs, {}, [](const KeyPair& pair) { return pair.public_key(); });
  for (KeyPair& pair : pairs) simulation.add_node(std::move(pair));
}

inline void start_all(Simulation& simulation) {
  for (NodeIndex node = 0; node < simulation.nodes(); ++node) simulation.start(node);
}

/// Running nodes in a row.
inline void make_line(Simulation& simulation, std::size_t count, LinkProperties properties = {}) {
  add_nodes_by_key(simulation, count);
  for (NodeIndex node = 1; node < count; ++node) {
    simulation.add_link(node - 1, node, properties);
  }
  start_all(simulation);
}

inline void make_ring(Simulation& simulation, std::size_t count, LinkProperties properties = {}) {
  make_line(simulation, count, properties);
  simulation.add_link(0, static_cast<NodeIndex>(count - 1), properties);
}

/// Node 0 in the middle.
inline void make_star(Simulation& simulation, std::size_t count, LinkProperties properties = {}) {
  add_nodes_by_key(simulation, count);
  for (NodeIndex node = 1; node < count; ++node) simulation.add_link(0, node, properties);
  start_all(simulation);
}

}  // namespace thicket::sim
