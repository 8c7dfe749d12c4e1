#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "crypto/time.hpp"
#include "sim/position.hpp"

namespace thicket::sim {

/// A link between two nodes, without a direction.
struct Edge {
  std::uint32_t a = 0;
  std::uint32_t b = 0;              ///< above `a` in a normal graph
  std::optional<Duration> latency;  ///< one way, above 0; none: whoever uses the graph says
  friend bool operator==(const Edge&, const Edge&) = default;
};

/// Nodes 0 … nodes-1 and the links between them. A graph is normal if its edges have a < b < nodes,
/// are unique and in ascending order of (a, b): all functions take and return normal graphs, unless
/// they say otherwise.
struct Graph {
  std::size_t nodes = 0;
  std::vector<Edge> edges;
  std::vector<Position> positions;  ///< one a node, or empty
  friend bool operator==(const Graph&, const Graph&) = default;
};

/// The most that files may hold and generators make.
constexpr std::size_t kMaxNodes = 10'000'000;
constexpr std::size_t kMaxEdges = 10'000'000;

/// Makes a graph normal whose edges have ends below `nodes`: loops go, and of equal links all but
/// the first that has a latency (or the first).
void normalise(Graph& graph);
bool is_normal(const Graph& graph);

/// A node as seen from one at the other end of a link.
struct Neighbour {
  std::uint32_t node = 0;
  std::uint32_t edge = 0;  ///< index in Graph::edges
};

/// The neighbours of every node, each list in ascending order, in one block of memory (compressed
/// sparse rows). Independent of the graph it was made from.
class Adjacency {
 public:
  explicit Adjacency(const Graph& graph);

  std::size_t nodes() const { return first_.size() - 1; }
  std::span<const Neighbour> of(std::uint32_t node) const {
    return std::span(neighbours_).subspan(first_[node], degree(node));
  }
  std::size_t degree(std::uint32_t node) const { return first_[node + 1] - first_[node]; }

 private:
  std::vector<std::size_t> first_;  // of a node's neighbours; one more than there are nodes
  std::vector<Neighbour> neighbours_;
};

}  // namespace thicket::sim
