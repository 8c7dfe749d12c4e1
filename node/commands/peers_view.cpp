#include "node/commands/peers_view.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "node/commands/table.hpp"
#include "node/display_text.hpp"
#include "node/json_fields.hpp"
#include "node/units.hpp"

namespace thicket::node {

namespace {

using nlohmann::json;

std::vector<Column> columns() {
  return {{.title = "PEER", .least = 28},
          {.title = "STATE"},
          {.title = "ADDRESS", .dispensable = 3},
          {.title = "LATENCY", .right = true},
          {.title = "COST", .right = true, .dispensable = 5},
          {.title = "IN", .right = true, .dispensable = 4},
          {.title = "OUT", .right = true, .dispensable = 4},
          {.title = "IN NOW", .right = true, .dispensable = 2},
          {.title = "OUT NOW", .right = true, .dispensable = 2},
          {.title = "UP FOR", .right = true, .dispensable = 1},
          {.title = "PROGRAM", .least = 8, .dispensable = 6}};
}

std::string bytes_of(const json& peer, const char* name) {
  return bytes_text(field_number(peer, name).value_or(0));
}

std::string rate_of(const json& peer, const char* name) {
  return rate_text(field_number(peer, name).value_or(0));
}

std::vector<Cell> row_of(const json& peer) {
  const std::string remote = field_string(peer, "remote");
  const std::string chosen = field_flag(peer, "auto") ? ", auto" : "";
  if (!field_flag(peer, "up")) {
    return {{remote}, {"down" + chosen, Style::bad}, {}, {}, {}, {}, {}, {}, {}, {}, {}};
  }
  const bool inbound = field_flag(peer, "inbound");
  const auto latency = field_number(peer, "latency");
  return {{remote},
          {inbound ? "up, in" : "up" + chosen, Style::good},
          {field_string(peer, "address")},
          {latency ? latency_text(*latency) : "-"},
          {fmt::format("{}", field_count(peer, "cost"))},
          {bytes_of(peer, "bytes_recvd")},
          {bytes_of(peer, "bytes_sent")},
          {rate_of(peer, "rate_recvd")},
          {rate_of(peer, "rate_sent")},
          {duration_text(field_number(peer, "uptime").value_or(0))},
          {field_string(peer, "agent", "")}};
}

std::string failure_of(const json& peer, const Terminal& terminal) {
  const std::string error = displayable(field_string(peer, "last_error", ""), terminal.utf8);
  if (field_flag(peer, "up") || error.empty()) return "";
  const double seconds = field_number(peer, "last_error_time").value_or(0) / 1e9;
  const std::string line =
      fmt::format("{}: {}, {} ago", displayable(field_string(peer, "remote"), terminal.utf8),
                  shortened(error, 300, terminal.utf8), duration_text(seconds));
  return terminal.styled(line, Style::bad) + "\n";
}

}  // namespace

std::string peers_view(const json& answer, const Terminal& terminal) {
  const json& peers = field_list(answer, "peers");
  if (peers.empty()) {
    return "No peers. Add one: thicket peer add tls://HOST:PORT, or under Peers in the "
           "configuration.\n";
  }
  Table table(columns());
  std::string failures;
  for (const json& peer : peers) {
    table.add(row_of(peer));
    failures += failure_of(peer, terminal);
  }
  return table.render(terminal) + (failures.empty() ? "" : "\n" + failures);
}

}  // namespace thicket::node
