#pragma once

#include <span>
#include <string_view>

namespace thicket::sim {

/// A ready-made scenario, which is part of the program.
struct ScenarioFile {
  std::string_view name;
  std::string_view json;
};

/// All of sim/scenarios/, by name in alphabetical order.
std::span<const ScenarioFile> scenario_files();

}  // namespace thicket::sim
