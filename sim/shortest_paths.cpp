#include "sim/shortest_paths.hpp"

#include <queue>
#include <utility>

namespace thicket::sim {

namespace {

constexpr std::uint32_t kFar = ~std::uint32_t{0};
/// Distances that are remembered, of all sources together.
constexpr std::size_t kRemembered = 4'000'000;

}  // namespace

std::optional<ShortestPaths::Distance> ShortestPaths::between(NodeIndex from, NodeIndex to) {
  if (!simulation_.running(from) || !simulation_.running(to)) return std::nullopt;
  auto place = from_.find(from);
  if (place == from_.end()) {
    if ((from_.size() + 1) * simulation_.nodes() > kRemembered) from_.clear();
    place = from_.emplace(from, FromSource{hops_from(from), latencies_from(from)}).first;
  }
  const std::uint32_t hops = place->second.hops[to];
  if (hops == kFar) return std::nullopt;
  return Distance{hops, place->second.latency[to]};
}

template <class Visit>
void ShortestPaths::for_each_neighbour(NodeIndex node, const Visit& visit) const {
  for (const LinkIndex index : simulation_.links_of(node)) {
    if (!simulation_.usable(index) || !simulation_.connected(index)) continue;
    const VirtualLink& link = simulation_.link(index);
    visit(link.ends[link.ends[0] == node ? 1 : 0], link.properties.latency);
  }
}

std::vector<std::uint32_t> ShortestPaths::hops_from(NodeIndex source) const {
  std::vector<std::uint32_t> hops(simulation_.nodes(), kFar);
  std::vector<NodeIndex> reached{source};
  hops[source] = 0;
  for (std::size_t next = 0; next < reached.size(); ++next) {
    const NodeIndex node = reached[next];
    for_each_neighbour(node, [&](NodeIndex neighbour, Duration) {
      if (hops[neighbour] != kFar) return;
      hops[neighbour] = hops[node] + 1;
      reached.push_back(neighbour);
    });
  }
  return hops;
}

std::vector<Duration> ShortestPaths::latencies_from(NodeIndex source) const {
  using Entry = std::pair<Duration, NodeIndex>;
  std::vector<Duration> latency(simulation_.nodes(), Duration::max());
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
  latency[source] = Duration{};
  open.emplace(Duration{}, source);
  while (!open.empty()) {
    const Entry nearest = open.top();
    const Duration so_far = nearest.first;
    const NodeIndex node = nearest.second;
    open.pop();
    if (so_far > latency[node]) continue;
    for_each_neighbour(node, [&](NodeIndex neighbour, Duration link) {
      if (so_far + link >= latency[neighbour]) return;
      latency[neighbour] = so_far + link;
      open.emplace(latency[neighbour], neighbour);
    });
  }
  return latency;
}

}  // namespace thicket::sim
