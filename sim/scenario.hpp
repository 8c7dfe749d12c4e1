#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "crypto/result.hpp"
#include "crypto/time.hpp"
#include "sim/scenario_disturbances.hpp"
#include "sim/simulation.hpp"
#include "sim/topology.hpp"

namespace thicket::sim {

/// A graph that was made elsewhere.
struct GraphSource {
  std::string file;  ///< an edge list or meshnet-lab's JSON; relative to the current directory
  bool largest_component = false;  ///< leave out what is not linked to the largest component
  bool operator==(const GraphSource&) const = default;
};

/// Both ends included; what is drawn from it is uniform. In JSON: a number, or [low, high].
struct DurationRange {
  Duration low{};
  Duration high{};
  bool operator==(const DurationRange&) const = default;
};

/// What links are like; see LinkProperties.
struct LinkOptions {
  /// One way, drawn for each link; for those to which the graph gives none.
  DurationRange latency{std::chrono::milliseconds(10), std::chrono::milliseconds(10)};
  Duration jitter{};
  std::uint64_t bits_per_second = 0;  ///< 0: unlimited
  std::uint32_t loss_ppm = 0;
  /// Until two ends found each other and are connected, drawn for each link and, if nodes move,
  /// each time they come into range; 0: three latencies.
  DurationRange set_up;
  Duration redial = std::chrono::seconds(2);
  bool operator==(const LinkOptions&) const = default;
};

/// At first the network is left alone. All times of what follows count from the end of that.
struct WarmUp {
  bool until_converged = true;  ///< wait for it, but no longer than the limit
  Duration limit = std::chrono::seconds(300);
  Duration idle{};  ///< and this much longer
  bool operator==(const WarmUp&) const = default;
};

struct Sampling {
  Duration interval = std::chrono::seconds(1);  ///< between rows of the time series
  std::uint32_t pairs = 200;                    ///< sampled to find out whether all are reachable
  bool operator==(const Sampling&) const = default;
};

/// Everything that a run depends on. Where a network comes from: exactly one of `topology`, `graph`
/// and `mobility` is set.
struct Scenario {
  std::string name = "unnamed";
  std::string description;
  std::uint64_t seed = 1;
  /// Simulated, the warm-up included. None: until all that is asked for has happened.
  std::optional<Duration> duration;
  CryptographyKind cryptography = CryptographyKind::real;
  std::string policy = "thicket";  ///< see routing::policy_by_name()

  std::optional<TopologyOptions> topology;
  std::optional<GraphSource> graph;
  std::optional<Mobility> mobility;
  LinkOptions links;

  std::optional<Growth> growth;  ///< none: all nodes start at once
  WarmUp warm_up{false, std::chrono::seconds(300), {}};
  std::optional<Churn> churn;
  std::optional<Partition> partition;
  std::vector<LinkFailure> link_failures;
  std::optional<RootLoss> root_loss;
  std::optional<RootTakeover> root_takeover;
  std::vector<Adversary> adversaries;
  std::optional<Traffic> traffic;
  std::optional<Lookups> lookups;
  Duration cool_down{};  ///< nothing new happens for that long at the end

  Sampling measurement;
  std::uint32_t invariant_interval = 64;  ///< see SimulationOptions

  bool operator==(const Scenario&) const;
};

/// What is run if only a network is given: all nodes start, converge, idle for 10 s, and exchange
/// 200 pings in 20 s.
Scenario scenario_for(TopologyOptions topology);
Scenario scenario_for(GraphSource graph);

/// Dotted keys and their values, as JSON or as bare text: {"topology.nodes", "100"}.
using Overrides = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kMaxScenarioBytes = std::size_t{1} << 20;

/// Reads a scenario from JSON (sim/scenarios/README.md). Overrides are put into the document before
/// it is checked; one that names another source of the network replaces the one in the document.
/// `name` is what errors call the document, which say what was found where and what is expected.
Result<Scenario, std::string> parse_scenario(std::string_view json, std::string_view name,
                                             const Overrides& overrides = {});
Result<Scenario, std::string> read_scenario(const std::string& path,
                                            const Overrides& overrides = {});
/// Reads a ready-made scenario ("churn") or else a file.
Result<Scenario, std::string> find_scenario(const std::string& name_or_path,
                                            const Overrides& overrides = {});
/// Names of the ready-made scenarios, in alphabetical order.
std::vector<std::string_view> scenario_names();

/// The complete scenario, defaults included; parse_scenario() reads an equal one from it.
std::string to_json(const Scenario& scenario);

}  // namespace thicket::sim
