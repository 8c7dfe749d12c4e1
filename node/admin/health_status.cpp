#include "node/admin/health_status.hpp"

#include <nlohmann/json.hpp>

namespace thicket::node {

nlohmann::json health_status(const Health& health) {
  nlohmann::json problems = nlohmann::json::array();
  for (const HealthFinding& finding : health.findings) {
    problems.push_back({{"problem", name_of(finding.problem)}, {"reason", finding.reason}});
  }
  return {{"healthy", health.ok()}, {"problems", std::move(problems)}};
}

}  // namespace thicket::node
