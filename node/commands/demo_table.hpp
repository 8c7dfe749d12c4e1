#pragma once

#include <string>

#include "node/commands/demo_mesh.hpp"

namespace thicket::node {

/// Who takes part, a line each.
std::string demo_introduction(const DemoMesh& mesh);
/// The last round trip of every pair; always the same number of lines.
std::string demo_table(const DemoMesh& mesh);
/// How it went, in two lines at most.
std::string demo_summary(const DemoMesh& mesh);

}  // namespace thicket::node
