#include "node/commands/top_view.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "node/commands/peers_view.hpp"
#include "node/commands/sessions_view.hpp"
#include "node/commands/status_view.hpp"
#include "node/display_text.hpp"
#include "node/json_fields.hpp"
#include "node/units.hpp"

namespace thicket::node {

namespace {

using nlohmann::json;

/// What the table of peers has no room for.
std::string shown_of(const json& part, std::string_view things) {
  const auto total = field_count(part, "total");
  const auto shown = field_list(part, "shown").size();
  return total > shown ? fmt::format("{} of {} {} are shown\n", shown, total, things)
                       : std::string();
}

}  // namespace

std::string top_line(const json& status, const Terminal& terminal) {
  const json& node = field(status, "node");
  const json& peers = field(status, "peers");
  const StatusRates rates = rates_in(status);
  const bool healthy = field_flag(field(status, "health"), "healthy");
  const std::string text = fmt::format(
      "up {}, peers {}/{}, sessions {}, in {}, out {}, {}",
      duration_text(field_number(node, "uptime").value_or(0)), field_count(peers, "up"),
      field_count(peers, "total"), field_count(field(status, "sessions"), "total"),
      rate_text(rates.in), rate_text(rates.out), healthy ? "health good" : "health not good");
  const std::string cut =
      terminal.width == 0 ? text : shortened(text, terminal.width, terminal.utf8);
  return terminal.styled(cut, healthy ? Style::plain : Style::bad) + "\n";
}

std::string top_view(const json& status, const Terminal& terminal) {
  const json& node = field(status, "node");
  const json& peers = field(status, "peers");
  const json& sessions = field(status, "sessions");
  const std::string title =
      displayable(fmt::format("{} {}  {}   q: quit", field_string(node, "build_name"),
                              field_string(node, "build_version"), field_string(node, "address")),
                  terminal.utf8);
  const std::string cut =
      terminal.width == 0 ? title : shortened(title, terminal.width, terminal.utf8);
  return terminal.styled(cut, Style::title) + "\n" + top_line(status, terminal) + "\n" +
         peers_view({{"peers", field_list(peers, "shown")}}, terminal) + shown_of(peers, "peers") +
         "\n" + sessions_view({{"sessions", field_list(sessions, "shown")}}, terminal) +
         shown_of(sessions, "sessions");
}

}  // namespace thicket::node
