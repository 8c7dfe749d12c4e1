#include "sim/topology.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/graph_components.hpp"
#include "sim/topology_kinds.hpp"

namespace thicket::sim {

namespace {

struct Kind {
  TopologyKind kind;
  std::string_view name;
  std::string_view alias;
  GeneratedGraph (*make)(const TopologyOptions& options, Prng& prng);
};

constexpr Kind kKinds[] = {
    {TopologyKind::line, "line", "", make_line},
    {TopologyKind::ring, "ring", "", make_ring},
    {TopologyKind::grid, "grid", "", make_grid},
    {TopologyKind::random_tree, "random-tree", "", make_random_tree},
    {TopologyKind::erdos_renyi, "erdos-renyi", "er", make_erdos_renyi},
    {TopologyKind::barabasi_albert, "barabasi-albert", "ba", make_barabasi_albert},
    {TopologyKind::watts_strogatz, "watts-strogatz", "ws", make_watts_strogatz},
    {TopologyKind::random_geometric, "geometric", "", make_random_geometric},
    {TopologyKind::internet, "internet", "", make_internet},
};

const Kind& kind_of(TopologyKind kind) {
  return *std::ranges::find(kKinds, kind, &Kind::kind);
}

}  // namespace

std::string_view name_of(TopologyKind kind) {
  return kind_of(kind).name;
}

std::optional<TopologyKind> parse_topology(std::string_view name) {
  if (name.empty()) return std::nullopt;
  const auto* const found = std::ranges::find_if(
      kKinds, [name](const Kind& kind) { return kind.name == name || kind.alias == name; });
  if (found == std::end(kKinds)) return std::nullopt;
  return found->kind;
}

std::string topology_names() {
  std::string names;
  for (const Kind& kind : kKinds) {
    names += fmt::format("{}{}", names.empty() ? "" : ", ", kind.name);
  }
  return names;
}

Result<void, std::string> check_edge_count(std::string_view kind, std::uint64_t edges) {
  if (edges <= kMaxEdges) return {};
  return failure(
      fmt::format("{} would have {} links, at most {} are possible: ask for fewer nodes "
                  "or a lower degree",
                  kind, edges, kMaxEdges));
}

Result<Graph, std::string> generate(const TopologyOptions& options, Prng& prng) {
  const Kind& kind = kind_of(options.kind);
  if (options.nodes == 0) return failure(fmt::format("{} needs at least 1 node, got 0", kind.name));
  if (options.nodes > kMaxNodes) {
    return failure(
        fmt::format("{} can have at most {} nodes, got {}", kind.name, kMaxNodes, options.nodes));
  }
  auto graph = kind.make(options, prng);
  if (!graph) return graph;
  normalise(*graph);
  if (options.connected) connect_components(*graph, prng);
  if (options.kind == TopologyKind::random_geometric && options.latency_per_km) {
    add_latency_by_distance(*graph, *options.latency_per_km);
  }
  return graph;
}

}  // namespace thicket::sim
