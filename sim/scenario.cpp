#include "sim/scenario.hpp"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "sim/scenario_checks.hpp"
#include "sim/scenario_document.hpp"
#include "sim/scenario_files.hpp"
#include "sim/scenario_reader.hpp"

namespace thicket::sim {

namespace {

Scenario default_scenario() {
  using namespace std::chrono_literals;
  Scenario scenario;
  scenario.name = "options";
  scenario.warm_up = {true, 300s, 10s};
  scenario.traffic = Traffic{};
  return scenario;
}

}  // namespace

Scenario scenario_for(TopologyOptions topology) {
  Scenario scenario = default_scenario();
  scenario.topology = topology;
  return scenario;
}

Scenario scenario_for(GraphSource graph) {
  Scenario scenario = default_scenario();
  scenario.graph = std::move(graph);
  return scenario;
}

Result<Scenario, std::string> parse_scenario(std::string_view json, std::string_view name,
                                             const Overrides& overrides) {
  auto document = parse_document(json, name);
  if (!document) return failure(document.error());
  if (const auto done = apply_overrides(*document, overrides); !done) {
    return failure(fmt::format("{}: {}", name, done.error()));
  }
  Scenario scenario;
  std::string error;
  ScenarioReader reader(*document, "", error);
  if (error.empty()) {
    visit_fields(reader, scenario);
    reader.finish();
  }
  if (error.empty()) error = find_fault(scenario);
  if (!error.empty()) return failure(fmt::format("{}: {}", name, error));
  return scenario;
}

Result<Scenario, std::string> read_scenario(const std::string& path, const Overrides& overrides) {
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxScenarioBytes + 1, '\0');  // one more, so that a longer file is noticed
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.eof() && file.fail()) return failure(fmt::format("{}: cannot be read", path));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return parse_scenario(text, path, overrides);
}

Result<Scenario, std::string> find_scenario(const std::string& name_or_path,
                                            const Overrides& overrides) {
  for (const ScenarioFile& file : scenario_files()) {
    if (name_or_path == file.name) return parse_scenario(file.json, file.name, overrides);
  }
  if (!std::ifstream(name_or_path).good()) {
    std::string names;
    for (const ScenarioFile& file : scenario_files()) names += fmt::format(" {}", file.name);
    return failure(
        fmt::format("{}: found neither a file nor a scenario of that name, expected one of{}",
                    name_or_path, names));
  }
  return read_scenario(name_or_path, overrides);
}

std::vector<std::string_view> scenario_names() {
  std::vector<std::string_view> names;
  for (const ScenarioFile& file : scenario_files()) names.push_back(file.name);
  return names;
}

}  // namespace thicket::sim
