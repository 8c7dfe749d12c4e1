#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "sim/position.hpp"
#include "sim/topology_kinds.hpp"
#include "sim/zipf_distribution.hpp"

namespace thicket::sim {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr std::size_t kFewestNodes = 8;
constexpr std::size_t kFullMesh = 16;  // a core of up to this many nodes is a full mesh
constexpr std::size_t kChords = 3;  // random links of a core node beyond the ring, in larger ones

struct LatencyRange {
  Duration low;
  Duration high;
};
// Between continents and countries; within a country; between neighbouring cities; the last mile.
constexpr LatencyRange kCoreLatency{milliseconds(15), milliseconds(80)};
constexpr LatencyRange kUplinkLatency{milliseconds(4), milliseconds(20)};
constexpr LatencyRange kPeeringLatency{milliseconds(2), milliseconds(10)};
constexpr LatencyRange kLeafLatency{microseconds(500), milliseconds(6)};

// Nodes are numbered from the core outwards: core, regions, leaves.
class Internet {
 public:
  Internet(const TopologyOptions& options, std::size_t core, std::size_t regions, Prng& prng)
      : core_(core), regions_(regions), prng_(prng), graph_{options.nodes, {}, {}} {}

  Graph make() {
    mesh_core();
    for (std::size_t region = 0; region < regions_; ++region) add_region(region);
    // Few providers serve many: the share of the leaves at a region follows Zipf's law.
    const ZipfDistribution popularity(regions_, 1000);
    for (std::size_t leaf = core_ + regions_; leaf < graph_.nodes; ++leaf) {
      add_leaf(leaf, popularity);
    }
    return std::move(graph_);
  }

 private:
  void link(std::size_t a, std::size_t b, const LatencyRange& latency) {
    graph_.edges.push_back({static_cast<std::uint32_t>(a), static_cast<std::uint32_t>(b),
                            prng_.uniform(latency.low, latency.high)});
  }

  // One of `count` things, but not `except`.
  std::size_t other(std::size_t count, std::size_t except) {
    const auto value = static_cast<std::size_t>(prng_.below(count - 1));
    return value < except ? value : value + 1;
  }

  void mesh_core() {
    for (std::size_t a = 0; a < core_; ++a) {
      if (core_ <= kFullMesh) {
        for (std::size_t b = a + 1; b < core_; ++b) link(a, b, kCoreLatency);
        continue;
      }
      link(a, (a + 1) % core_, kCoreLatency);
      for (std::size_t i = 0; i < kChords; ++i) link(a, other(core_, a), kCoreLatency);
    }
  }

  // Two links into the core, a third for some, and a link to another region for some.
  void add_region(std::size_t region) {
    const std::size_t node = core_ + region;
    const auto first = static_cast<std::size_t>(prng_.below(core_));
    link(node, first, kUplinkLatency);
    link(node, other(core_, first), kUplinkLatency);
    if (prng_.chance(1, 4)) link(node, prng_.below(core_), kUplinkLatency);
    if (prng_.chance(1, 3)) link(node, core_ + other(regions_, region), kPeeringLatency);
  }

  // One link to a region, two for some.
  void add_leaf(std::size_t leaf, const ZipfDistribution& popularity) {
    const std::size_t first = popularity.draw(prng_);
    link(leaf, core_ + first, kLeafLatency);
    if (prng_.chance(1, 5)) link(leaf, core_ + other(regions_, first), kLeafLatency);
  }

  std::size_t core_;
  std::size_t regions_;
  Prng& prng_;
  Graph graph_;
};

}  // namespace

GeneratedGraph make_internet(const TopologyOptions& options, Prng& prng) {
  const std::size_t n = options.nodes;
  if (n < kFewestNodes) {
    return failure(fmt::format("internet needs at least {} nodes, got {}", kFewestNodes, n));
  }
  const std::size_t core =
      options.core != 0 ? options.core : std::clamp<std::size_t>(integer_sqrt(n) / 2, 3, 64);
  const std::size_t regions =
      options.regions != 0 ? options.regions : std::max<std::size_t>(n / 10, 3);
  if (core < 2) return failure(fmt::format("internet needs a core of at least 2, got {}", core));
  if (regions < 2 || regions > ZipfDistribution::kMaxRanks) {
    return failure(fmt::format("internet needs 2 to {} regions, got {}",
                               ZipfDistribution::kMaxRanks, regions));
  }
  if (core > n || regions > n - core) {
    return failure(fmt::format("internet with a core of {} and {} regions needs more nodes than {}",
                               core, regions, n));
  }
  // At most 4 links of a region and 2 of a leaf, however the chances turn out.
  const std::uint64_t most =
      std::uint64_t{core} * (kFullMesh / 2) + std::uint64_t{regions} * 4 + (n - core - regions) * 2;
  if (const auto ok = check_edge_count("internet", most); !ok) return failure(ok.error());
  return Internet(options, core, regions, prng).make();
}

}  // namespace thicket::sim
