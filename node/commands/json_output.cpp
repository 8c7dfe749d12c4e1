#include "node/commands/json_output.hpp"

#include <nlohmann/json.hpp>

#include "node/bounded_json.hpp"
#include "node/commands/terminal.hpp"
#include "node/display_text.hpp"

namespace thicket::node {

namespace {

std::string line_of(std::string_view text) {
  return displayable_json(text, Terminal::of_standard_output().utf8) + "\n";
}

}  // namespace

std::string json_output(const nlohmann::json& value, bool indented) {
  return line_of(to_text(value, indented));
}

std::string json_output(const nlohmann::ordered_json& value) {
  return line_of(value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace thicket::node
