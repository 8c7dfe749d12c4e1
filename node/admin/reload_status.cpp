#include "node/admin/reload_status.hpp"

#include <nlohmann/json.hpp>
#include <vector>

namespace thicket::node {

namespace {

nlohmann::json list_of(const std::vector<ReloadReport::Item>& items) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& item : items) list.push_back({{"key", item.key}, {"text", item.text}});
  return list;
}

}  // namespace

nlohmann::json reload_status(const ReloadReport& report) {
  return {{"changed", list_of(report.changed)},
          {"restart", list_of(report.restart)},
          {"failed", list_of(report.failed)},
          {"warnings", report.warnings}};
}

}  // namespace thicket::node
