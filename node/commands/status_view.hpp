#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "node/commands/terminal.hpp"

namespace thicket::node {

/// What getStatus answered, on one screen.
std::string status_view(const nlohmann::json& answer, const Terminal& terminal);

/// Bytes per second over all peers that it shows.
struct StatusRates {
  double in = 0;
  double out = 0;
};
StatusRates rates_in(const nlohmann::json& status);

}  // namespace thicket::node
