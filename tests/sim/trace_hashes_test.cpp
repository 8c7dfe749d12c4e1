#include <fmt/format.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "sim/run.hpp"
#include "sim/snapshot.hpp"

// The same runs have the same trace on any machine and in any build: all of them compare with the
// same file.
namespace thicket::sim::test {
namespace {

std::string line_of(const Scenario& scenario, const std::string& name) {
  const auto results = run(scenario);
  if (!results) throw std::runtime_error(name + ": " + results.error().what);
  return fmt::format("{:<18} {:<4} {:>9} {:016x}\n", name, results->cryptography, results->events,
                     results->trace_hash);
}

std::string hashes_of_topologies() {
  std::string text;
  for (const TopologyKind kind : kAllTopologies) {
    TopologyOptions topology;
    topology.kind = kind;
    topology.nodes = 20;
    Scenario scenario = scenario_for(topology);
    for (const auto cryptography : {CryptographyKind::real, CryptographyKind::fast}) {
      scenario.cryptography = cryptography;
      text += line_of(scenario, std::string(name_of(kind)));
    }
  }
  return text;
}

std::string hashes_of_scenarios() {
  std::string text;
  for (const std::string_view name : scenario_names()) {
    const bool mobile = name.starts_with("mobility");
    if (mobile && name != "mobility-10s-60m") continue;
    for (const char* const cryptography : {"real", "fast"}) {
      const auto scenario = find_scenario(std::string(name),
                                          {{mobile ? "mobility.nodes" : "topology.nodes", "20"},
                                           {"cryptography", cryptography},
                                           {"duration_s", name == "root-takeover" ? "55" : "100"}});
      if (!scenario) throw std::runtime_error(scenario.error());
      text += line_of(*scenario, std::string(name));
    }
  }
  return text;
}

TEST(TraceHashesTest, AreTheSameEverywhere) {
  expect_snapshot("trace_hashes.txt",
                  "# run, cryptography, events, trace hash; made by tests/snapshots/update.sh\n" +
                      hashes_of_topologies() + hashes_of_scenarios());
}

}  // namespace
}  // namespace thicket::sim::test
