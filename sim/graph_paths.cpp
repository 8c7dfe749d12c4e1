#include "sim/graph_paths.hpp"

#include <functional>
#include <queue>
#include <utility>

#include "crypto/invariant.hpp"

namespace thicket::sim {

std::vector<std::uint32_t> hop_distances(const Adjacency& adjacency, std::uint32_t from) {
  INVARIANT(from < adjacency.nodes());
  std::vector<std::uint32_t> distances(adjacency.nodes(), kUnreachableHops);
  std::vector<std::uint32_t> queue{from};
  distances[from] = 0;
  for (std::size_t i = 0; i < queue.size(); ++i) {
    const std::uint32_t node = queue[i];
    for (const Neighbour& next : adjacency.of(node)) {
      if (distances[next.node] != kUnreachableHops) continue;
      distances[next.node] = distances[node] + 1;
      queue.push_back(next.node);
    }
  }
  return distances;
}

std::vector<Duration> latency_distances(const Graph& graph, const Adjacency& adjacency,
                                        std::uint32_t from, Duration default_latency) {
  INVARIANT(from < adjacency.nodes() && adjacency.nodes() == graph.nodes);
  using Entry = std::pair<Duration, std::uint32_t>;
  std::vector<Duration> distances(adjacency.nodes(), kUnreachableLatency);
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  distances[from] = Duration::zero();
  queue.emplace(Duration::zero(), from);
  while (!queue.empty()) {
    const auto [distance, node] = queue.top();
    queue.pop();
    if (distance != distances[node]) continue;  // a shorter way was found since
    for (const Neighbour& next : adjacency.of(node)) {
      const Duration through = distance + graph.edges[next.edge].latency.value_or(default_latency);
      if (through >= distances[next.node]) continue;
      distances[next.node] = through;
      queue.emplace(through, next.node);
    }
  }
  return distances;
}

}  // namespace thicket::sim
