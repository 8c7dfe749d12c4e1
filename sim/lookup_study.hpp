#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "crypto/time.hpp"
#include "routing/directory.hpp"
#include "sim/distribution.hpp"
#include "sim/graph.hpp"
#include "sim/run.hpp"
#include "sim/simulation.hpp"

namespace thicket::sim {

/// What is looked up, and where. Everything but `policy` is the same for all that are compared.
struct LookupStudy {
  std::uint64_t seed = 1;
  CryptographyKind cryptography = CryptographyKind::real;
  std::size_t lookups = 1000;
  /// Until the network has settled: nodes explore and publish ever less, the last change of pace
  /// some 25 min after they started.
  Duration settle = std::chrono::minutes(30);
  /// For which it is watched then, before the first lookup: records are published every 10 min.
  Duration idle = std::chrono::minutes(20);
  /// Of nodes, in millionths: half of them swallow what they are to hand on, half deny all.
  std::uint32_t hostile_ppm = 0;
  /// Mean of how long nodes live once the network has settled; then they stay away for a tenth of
  /// that. None: all stay.
  std::optional<Duration> lifetime{};
  bool crash = false;  ///< they fail without a word, rather than stop
};

/// What came out for one policy. Means are over the lookups that count.
struct LookupFigures {
  std::uint64_t asked = 0;
  /// Of them, those whose ends were both running, and joined by links, from asking until
  /// kLookupPatience later, and whose target had been running for kTargetAge.
  std::uint64_t counted = 0;
  std::uint64_t found = 0;    ///< of those that count: the asker knew a path within the patience
  std::uint64_t current = 0;  ///< of those found: the path led to where the target was
  Distribution transmissions;
  Distribution time_ms;  ///< of those found
  double filter_transmissions_mean = 0;
  double notify_transmissions_mean = 0;
  double find_transmissions_mean = 0;
  double found_transmissions_mean = 0;
  double publishing_transmissions_mean = 0;  ///< not in `transmissions`
  double busiest_share = 0;                  ///< of transmissions, sent or received by one node
  std::uint64_t known = 0;                   ///< found without a single transmission
  std::uint64_t hits = 0;                    ///< answered by the DHT
  std::uint64_t misses = 0;                  ///< answers "not found"
  std::uint64_t retries = 0;                 ///< further ways through the DHT
  std::uint64_t fallbacks = 0;               ///< of `auto`: both were asked
  std::uint64_t by_dht_alone = 0;
  std::uint64_t by_filters_alone = 0;
  double table_entries_mean = 0;  ///< contacts in a routing table
  double records_mean = 0;        ///< held for others
  double idle_dht_bytes_per_node_s = 0;
  double idle_filter_bytes_per_node_s = 0;
  std::array<double, 8> idle_bytes_by_kind{};  ///< of the DHT, by kind of datagram
  double simulated_s = 0;
  double wall_s = 0;
  std::uint64_t events = 0;
  std::uint64_t trace_hash = 0;

  double success() const;
};

/// Younger nodes may not have published yet: their record is sent 2 to 5 s after they got their
/// coordinates.
inline constexpr Duration kTargetAge = std::chrono::seconds(30);

/// In the order of tables.
inline constexpr std::array kLookupPolicies{
    routing::LookupPolicy::automatic, routing::LookupPolicy::bloom, routing::LookupPolicy::dht,
    routing::LookupPolicy::both};
/// "auto", "bloom", "dht", "both".
std::string_view name_of(routing::LookupPolicy policy);
std::optional<routing::LookupPolicy> parse_lookup_policy(std::string_view name);

/// Runs one network from its start to its last lookup. A function of its arguments, but for wall_s.
/// Fails where an invariant of the code under test does not hold.
Result<LookupFigures, RunFailure> study_lookups(
    const Graph& graph, const LookupStudy& study, routing::LookupPolicy policy,
    const std::function<void(const Progress&)>& progress = {});

}  // namespace thicket::sim
