#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/distribution.hpp"
#include "sim/ping_outcome.hpp"

namespace thicket::sim {

/// One row of the time series: the state of the network at a moment, and what happened since the
/// row before.
struct Sample {
  double time_s = 0;  ///< simulated, since the start of the run
  std::uint64_t running = 0;
  std::uint64_t roots = 0;           ///< different roots that running nodes believe in
  double right_coordinates = 0;      ///< share of running nodes with the root and place they should
  double reachable = 0;              ///< share of sampled connected pairs that greedy steps join
  std::uint64_t pings_sent = 0;      ///< of those sent since the row before ...
  std::uint64_t pings_answered = 0;  ///< ... how many were answered in time
  double control_bytes_per_node_s = 0;
  double traffic_bytes_per_node_s = 0;
  double state_bytes_per_node = 0;
  std::uint64_t position_changes = 0;
  std::uint64_t lookups = 0;
};

/// A node as it is drawn.
struct DrawnNode {
  std::uint32_t index = 0;
  std::int64_t parent = -1;  ///< index; -1: none, or not running
  std::uint32_t depth = 0;
  bool running = true;
  bool root = false;
  double x = 0;  ///< metres; both 0 if the topology has no places
  double y = 0;
};
struct DrawnLink {
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  bool tree = false;
};

/// Everything that is known after a run.
struct Results {
  // --- what was run
  std::string version;
  std::string scenario;       ///< name; "options" if it came from the command line
  std::string scenario_json;  ///< complete, with all defaults: enough to run it again
  std::string topology;
  std::string policy;
  std::string cryptography;
  std::uint64_t seed = 0;
  std::uint64_t nodes = 0;
  std::uint64_t links = 0;
  double duration_s = 0;  ///< simulated

  // --- the run itself
  std::uint64_t trace_hash = 0;
  std::uint64_t events = 0;
  double wall_s = 0;            ///< real time; not a function of the seed
  std::uint64_t rss_bytes = 0;  ///< highest resident memory of the process; likewise

  // --- the network
  /// When the network last became right (one root in each connected part, all coordinates right,
  /// all sampled pairs reachable) and stayed so; nullopt: it was not at the end.
  std::optional<double> converged_s;
  /// The first time that it was right.
  std::optional<double> first_converged_s;
  Distribution depth;
  double control_bytes_per_node_s = 0;             ///< over the whole run
  double control_bytes_per_node_s_converging = 0;  ///< until first_converged_s
  double control_bytes_per_node_s_idle =
      0;                     ///< in seconds when converged and without pings; 0: none
  Distribution state_bytes;  ///< per node at the end
  double state_bytes_per_node = 0;
  double signatures_checked_per_node =
      0;  ///< of all nodes; not since the last row of a life that ended
  std::map<std::string, std::uint64_t> frames_by_type;
  std::map<std::string, std::uint64_t> bytes_by_type;
  std::map<std::string, std::uint64_t> frames_lost;   ///< by cause, all types
  std::map<std::string, std::uint64_t> links_closed;  ///< by the routers' reason

  // --- pings: a request and its answer, end to end, through sessions
  std::uint64_t pings_sent = 0;
  std::uint64_t pings_answered = 0;
  /// Sent between nodes with no way between them at the time; not among those above.
  std::uint64_t pings_impossible = 0;
  std::optional<double> delivery;                   ///< answered / sent
  std::map<std::string, std::uint64_t> pings_lost;  ///< by cause
  Distribution round_trip_ms;
  Distribution stretch_hops;       ///< of requests that arrived, against the shortest path then
  Distribution stretch_latency;    ///< PingOutcome::travel, against the quickest path then
  double busiest_relay_share = 0;  ///< of all forwarded traffic frames

  // --- lookups
  Distribution lookup_transmissions;  ///< link transmissions, answers included
  Distribution lookup_ms;             ///< from asking to the first answer
  std::uint64_t lookups_started = 0;
  std::uint64_t lookups_answered = 0;

  std::vector<PingOutcome> ping_outcomes;  ///< at most 100,000, evenly taken
  std::vector<Sample> series;
  std::vector<double> stretch_samples;  ///< hops; for the histogram; at most 10000, evenly taken
  std::vector<DrawnNode> drawn_nodes;   ///< at the end; empty for more than 5000 nodes
  std::vector<DrawnLink> drawn_links;
};

}  // namespace thicket::sim
