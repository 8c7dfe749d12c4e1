#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "crypto/public_key.hpp"
#include "sim/graph.hpp"
#include "sim/prng.hpp"

namespace thicket::sim {

/// Link transmissions of a lookup as a graph alone would have it (extension E2): no time, no
/// losses, nothing learnt from one lookup for the next. Means over random pairs.
struct LookupModel {
  double bloom = 0;           ///< multicast along the tree, as the filters allow, and the answer
  double recursive = 0;       ///< base 16, nearest of 16; the node alone holds its record
  double with_copies = 0;     ///< the same, where the eight others closest to it hold it too
  double there_and_back = 0;  ///< the bound: straight to the node, and the answer
  std::size_t pairs = 0;
};

/// `keys`: one a node. Pairs in different pieces of the graph are left out. Takes 2 kB a node.
LookupModel model_lookups(const Graph& graph, std::span<const PublicKey> keys, std::size_t pairs,
                          Prng random);

}  // namespace thicket::sim
