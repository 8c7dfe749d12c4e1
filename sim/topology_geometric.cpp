#include <fmt/format.h>

#include <algorithm>

#include "sim/cell_grid.hpp"
#include "sim/position.hpp"
#include "sim/topology_kinds.hpp"

namespace thicket::sim {

namespace {

constexpr std::int64_t kDefaultRangeMm = 100'000;
constexpr std::string_view kName = "geometric";
// Pi as a fraction, good to 7 digits.
constexpr std::uint64_t kPiNumerator = 355;
constexpr std::uint64_t kPiDenominator = 113;

struct Area {
  std::int64_t side_mm = 0;
  std::int64_t range_mm = 0;
};

// A node has nodes · pi · range² / side² others within its range.
std::uint64_t side_for(std::uint64_t nodes, std::uint64_t range, std::uint64_t degree_permille) {
  return integer_sqrt(Uint128{range} * range * nodes * (1000 * kPiNumerator) /
                      (Uint128{degree_permille} * kPiDenominator));
}

std::uint64_t range_for(std::uint64_t nodes, std::uint64_t side, std::uint64_t degree_permille) {
  return integer_sqrt(Uint128{side} * side * degree_permille / 1000 * kPiDenominator /
                      (Uint128{nodes} * kPiNumerator));
}

Result<Area, std::string> area_of(const TopologyOptions& options) {
  for (const auto& [name, value] :
       {std::pair("area", options.area_mm), std::pair("range", options.range_mm)}) {
    if (!value || (*value > 0 && *value <= kMaxCoordinateMm)) continue;
    return failure(fmt::format("{} needs an {} above 0 and of at most {} m, got {} mm", kName, name,
                               kMaxCoordinateMm / 1000, *value));
  }
  if (options.area_mm && options.range_mm) return Area{*options.area_mm, *options.range_mm};
  if (options.degree_permille == 0 || options.degree_permille > 1000 * kMaxNodes) {
    return failure(fmt::format("{} needs a mean degree above 0 and of at most {}, got {}", kName,
                               kMaxNodes, static_cast<double>(options.degree_permille) / 1000));
  }
  if (options.area_mm) {
    const auto side = static_cast<std::uint64_t>(*options.area_mm);
    const std::uint64_t range = range_for(options.nodes, side, options.degree_permille);
    // Everything is within reach of everything at twice the side.
    return Area{*options.area_mm, static_cast<std::int64_t>(std::min(range, 2 * side))};
  }
  const std::int64_t range = options.range_mm.value_or(kDefaultRangeMm);
  const std::uint64_t side =
      side_for(options.nodes, static_cast<std::uint64_t>(range), options.degree_permille);
  if (side > static_cast<std::uint64_t>(kMaxCoordinateMm)) {
    return failure(
        fmt::format("{}: so many nodes with such a range and degree would need an area "
                    "of more than {} m: choose a smaller range",
                    kName, kMaxCoordinateMm / 1000));
  }
  return Area{static_cast<std::int64_t>(side), range};
}

}  // namespace

GeneratedGraph make_random_geometric(const TopologyOptions& options, Prng& prng) {
  if (options.latency_per_km && (*options.latency_per_km < Duration::zero() ||
                                 *options.latency_per_km > std::chrono::seconds(1))) {
    return failure(fmt::format("{} needs a latency from 0 to 1 s per km", kName));
  }
  const auto area = area_of(options);
  if (!area) return failure(area.error());
  Graph graph{options.nodes, {}, {}};
  const std::uint64_t places = static_cast<std::uint64_t>(area->side_mm) + 1;
  for (std::size_t i = 0; i < options.nodes; ++i) {
    const auto x = static_cast<std::int64_t>(prng.below(places));
    const auto y = static_cast<std::int64_t>(prng.below(places));
    graph.positions.push_back({x, y});
  }
  const std::size_t count = count_radio_links(graph.positions, area->range_mm, kMaxEdges);
  if (count > kMaxEdges) {
    return failure(
        fmt::format("{} would have more than {} links: ask for fewer nodes, a shorter "
                    "range or a larger area",
                    kName, kMaxEdges));
  }
  graph.edges = radio_links(graph.positions, area->range_mm);
  return graph;
}

void add_latency_by_distance(Graph& graph, Duration per_km) {
  for (Edge& edge : graph.edges) {
    if (edge.latency) continue;
    const Uint128 mm = distance_mm(graph.positions[edge.a], graph.positions[edge.b]);
    const Uint128 latency = mm * static_cast<std::uint64_t>(per_km.count()) / 1'000'000;
    edge.latency = std::max(Duration(1), Duration(static_cast<Duration::rep>(latency)));
  }
}

}  // namespace thicket::sim
