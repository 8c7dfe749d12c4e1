#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/graph.hpp"
#include "sim/prng.hpp"

namespace thicket::sim {

/// The connected components of a graph, numbered in the order of their lowest nodes.
struct Components {
  std::vector<std::uint32_t> of_node;  ///< node → component
  std::vector<std::size_t> sizes;      ///< component → nodes in it

  std::size_t count() const { return sizes.size(); }
  /// The component with the most nodes, the first of them; there must be one.
  std::uint32_t largest() const;
};

Components components(const Graph& graph);

/// The nodes and links of the largest component, the nodes numbered anew in the order they had.
Graph largest_component(const Graph& graph);

/// Adds the fewest links that make the graph connected: one less than it has components. Nodes with
/// positions are joined where the components come nearest; others at random. The new links have no
/// latency.
void connect_components(Graph& graph, Prng& prng);

}  // namespace thicket::sim
