#pragma once

#include <string_view>

namespace thicket::sim {

/// The files report.css and report.js, which every report carries within it.
extern const std::string_view kReportStyle;
extern const std::string_view kReportScript;

}  // namespace thicket::sim
