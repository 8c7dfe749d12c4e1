#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/lookup_model.hpp"
#include "sim/lookup_study.hpp"

namespace thicket::sim {

/// What `thicket-sim lookup` found out.
struct LookupReport {
  std::string version;
  std::string topology;  ///< "barabasi-albert", or the name of a file
  LookupStudy study;
  std::uint64_t nodes = 0;
  std::uint64_t links = 0;
  LookupModel model;
  std::vector<std::pair<routing::LookupPolicy, LookupFigures>> lookups;
  double wall_s = 0;
  std::uint64_t rss_bytes = 0;  ///< the most that the process had
};

/// Maintenance of what the policy asks: the filters, the DHT, or both.
double idle_bytes_per_node_s(routing::LookupPolicy policy, const LookupFigures& figures);
/// What the model gives for the policy, with copies; `auto` takes the cheaper, `both` pays both.
double model_transmissions(routing::LookupPolicy policy, const LookupModel& model);
/// Transmissions with `auto` over those with the better of bloom and dht; nullopt: not all three
/// were studied.
std::optional<double> auto_over_better(const LookupReport& report);

/// For people: one row a policy, beside the model.
std::string lookup_table(const LookupReport& report);
/// For summary.json; keys always in the same order.
std::string lookup_json(const LookupReport& report);

}  // namespace thicket::sim
