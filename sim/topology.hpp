#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/result.hpp"
#include "crypto/time.hpp"
#include "sim/graph.hpp"
#include "sim/prng.hpp"

namespace thicket::sim {

/// The shapes of networks that can be generated.
enum class TopologyKind {
  line,              ///< node i is linked to i+1
  ring,              ///< a line whose ends are linked
  grid,              ///< rows of `columns` nodes; the last row may be shorter
  random_tree,       ///< any labelled tree, each as likely as any other (Prüfer)
  erdos_renyi,       ///< G(n, m): any m = nodes · degree / 2 links
  barabasi_albert,   ///< newcomers link to `links` nodes, by preference to those of high degree
  watts_strogatz,    ///< a ring of `neighbours` nearest ones each, links rewired at random
  random_geometric,  ///< nodes anywhere in a square, linked if within radio range
  internet,          ///< a meshed core, regions with several links into it, leaves at regions
};

inline constexpr std::array kAllTopologies = {
    TopologyKind::line,           TopologyKind::ring,
    TopologyKind::grid,           TopologyKind::random_tree,
    TopologyKind::erdos_renyi,    TopologyKind::barabasi_albert,
    TopologyKind::watts_strogatz, TopologyKind::random_geometric,
    TopologyKind::internet};

/// The name on the command line and in files: "random-tree".
std::string_view name_of(TopologyKind kind);
/// The kind of that name, or of an alias: er, ba, ws. nullopt: there is none.
std::optional<TopologyKind> parse_topology(std::string_view name);
/// All names, separated by ", ".
std::string topology_names();

/// What to generate. Each kind looks at `kind`, `nodes`, `connected` and its own options only.
struct TopologyOptions {
  TopologyKind kind = TopologyKind::line;
  std::size_t nodes = 100;
  /// Adds the fewest links that connect what is in pieces (connect_components). Concerns
  /// erdos_renyi, watts_strogatz and random_geometric: the others are always connected.
  bool connected = true;

  /// erdos_renyi, random_geometric: the mean number of links of a node, in thousandths. Nodes near
  /// the border of a geometric square have fewer.
  std::uint64_t degree_permille = 6000;
  std::size_t columns = 0;             ///< grid; 0: as square as can be
  std::size_t links = 2;               ///< barabasi_albert: of a newcomer
  std::size_t neighbours = 4;          ///< watts_strogatz: an even number
  std::uint32_t rewire_ppm = 100'000;  ///< watts_strogatz: share of links rewired, in millionths

  /// random_geometric: the side of the square. None: such that the mean degree comes out.
  std::optional<std::int64_t> area_mm;
  /// random_geometric: the radio range. None: with `area_mm`, such that the mean degree comes out,
  /// and 100 m without. If both are given, `degree_permille` has no effect.
  std::optional<std::int64_t> range_mm;
  /// random_geometric: latency for each kilometre of a link. None: links have no latency.
  std::optional<Duration> latency_per_km;

  std::size_t core = 0;     ///< internet: transit nodes; 0: sqrt(nodes) / 2, in 3 … 64
  std::size_t regions = 0;  ///< internet: regional nodes; 0: a tenth of all, at least 3
};

/// Makes the graph. A function of the options and the seed of `prng`, the same on any machine;
/// takes time nearly in proportion to its size. Links have latencies if the kind is internet, or
/// random_geometric with `latency_per_km`; nodes have positions if it is random_geometric. Fails
/// with a sentence that says which option is impossible.
Result<Graph, std::string> generate(const TopologyOptions& options, Prng& prng);

}  // namespace thicket::sim
