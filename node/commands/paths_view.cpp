#include "node/commands/paths_view.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "node/commands/table.hpp"
#include "node/json_fields.hpp"

namespace thicket::node {

namespace {

using nlohmann::json;

std::string ports_of(const json& path) {
  std::string out = field_numbers(path, "path");
  return out.empty() ? "(the root)" : out;
}

}  // namespace

std::string paths_view(const json& answer, const Terminal& terminal) {
  const json& paths = field_list(answer, "paths");
  if (paths.empty()) return "No paths: no other node had to be found lately.\n";
  Table table({{.title = "ADDRESS"},
               {.title = "PATH FROM THE ROOT", .least = 18},
               {.title = "SEQUENCE", .right = true, .dispensable = 1},
               {.title = "KEY", .dispensable = 2}});
  for (const json& path : paths) {
    table.add({{field_string(path, "address")},
               {ports_of(path)},
               {fmt::format("{}", field_count(path, "sequence"))},
               {field_string(path, "key")}});
  }
  return table.render(terminal);
}

}  // namespace thicket::node
