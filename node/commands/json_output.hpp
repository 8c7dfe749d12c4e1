#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace thicket::node {

/// What --json prints: `value` in JSON that standard output can show whoever wrote what is in it,
/// newline at the end.
std::string json_output(const nlohmann::json& value, bool indented);
/// The same for JSON whose members keep their order; indented.
std::string json_output(const nlohmann::ordered_json& value);

}  // namespace thicket::node
