#include "node/commands/sessions_view.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "node/commands/table.hpp"
#include "node/json_fields.hpp"
#include "node/units.hpp"

namespace thicket::node {

namespace {

using nlohmann::json;

double traffic_of(const json& session) {
  return field_number(session, "bytes_recvd").value_or(0) +
         field_number(session, "bytes_sent").value_or(0);
}

}  // namespace

std::string sessions_view(const json& answer, const Terminal& terminal) {
  std::vector<const json*> sessions;
  for (const json& session : field_list(answer, "sessions")) sessions.push_back(&session);
  if (sessions.empty()) return "No sessions: no traffic of this node's own lately.\n";
  std::ranges::stable_sort(
      sessions, [](const json* a, const json* b) { return traffic_of(*a) > traffic_of(*b); });
  Table table({{.title = "ADDRESS"},
               {.title = "IN", .right = true},
               {.title = "OUT", .right = true},
               {.title = "UP FOR", .right = true, .dispensable = 1},
               {.title = "PROGRAM", .least = 8, .dispensable = 2},
               {.title = "KEY", .dispensable = 3}});
  for (const json* session : sessions) {
    table.add({{field_string(*session, "address")},
               {bytes_text(field_number(*session, "bytes_recvd").value_or(0))},
               {bytes_text(field_number(*session, "bytes_sent").value_or(0))},
               {duration_text(field_number(*session, "uptime").value_or(0))},
               {field_string(*session, "agent", "")},
               {field_string(*session, "key")}});
  }
  return table.render(terminal);
}

}  // namespace thicket::node
