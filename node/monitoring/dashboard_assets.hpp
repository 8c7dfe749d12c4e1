#pragma once

#include <string_view>

namespace thicket::node {

// The files dashboard.html, dashboard.css and dashboard.js.
extern const std::string_view kDashboardPage;
extern const std::string_view kDashboardStyle;
extern const std::string_view kDashboardScript;

}  // namespace thicket::node
