#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>

#include "sim/run.hpp"
#include "sim/snapshot.hpp"

namespace thicket::sim::test {
namespace {

std::string row_of(TopologyKind kind, std::size_t nodes) {
  TopologyOptions topology;
  topology.kind = kind;
  topology.nodes = nodes;
  Scenario scenario = scenario_for(topology);
  scenario.cryptography = CryptographyKind::fast;
  scenario.traffic->timeout = std::chrono::seconds(20);  // lines are long
  const auto results = run(scenario);
  if (!results) throw std::runtime_error(results.error().what);
  return fmt::format(
      "{:<16} {:>5} {:>7.2f} {:>6.2f} {:>9.2f} {:>10.0f} {:>8.1f} {:>8.0f} {:>6.1f} "
      "{:>5.0f} {:>8.3f}\n",
      name_of(kind), nodes, results->stretch_hops.mean, results->stretch_hops.p99,
      results->converged_s.value_or(-1), results->control_bytes_per_node_s_converging,
      results->control_bytes_per_node_s_idle, results->state_bytes_per_node, results->depth.mean,
      results->depth.max, results->delivery.value_or(-1));
}

TEST(TopologiesSnapshotTest, FiguresAreThoseKept) {
  std::string table =
      "# Made by tests/snapshots/update.sh. Stretch in hops; control bytes per node and second;\n"
      "# state in bytes per node; converged in simulated seconds; fast cryptography.\n"
      "topology         nodes stretch    p99 converged converging     idle    state  depth   max "
      "delivery\n";
  for (const TopologyKind kind : kAllTopologies) {
    for (const std::size_t nodes : {16, 64, 256}) table += row_of(kind, nodes);
  }
  expect_snapshot("topologies.txt", table);
}

}  // namespace
}  // namespace thicket::sim::test
