#include "node/commands/reload_command.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>

#include "node/admin/admin_client.hpp"
#include "node/commands/admin_options.hpp"
#include "node/commands/exit_code.hpp"
#include "node/commands/json_output.hpp"
#include "node/json_fields.hpp"

namespace thicket::node {

namespace {

using nlohmann::json;

constexpr std::size_t kMostShown = 400;

/// The list `name` of an answer; what is none is empty.
json list_in(const json& answer, const char* name) {
  const json& list = field(answer, name);
  return list.is_array() ? list : json::array();
}

std::string printable_text(const json& value) {
  return value.is_string() ? printable(value.get<std::string>(), kMostShown) : "?";
}

std::string lines_of(const json& answer, const char* name, std::string_view title) {
  const json items = list_in(answer, name);
  if (items.empty()) return {};
  std::string out = fmt::format("{}:\n", title);
  for (const json& item : items) {
    if (item.is_object()) {
      out += fmt::format("  {:<20} {}\n", field_text(item, "key"),
                         printable_text(field(item, "text")));
    } else {
      out += fmt::format("  {}\n", printable_text(item));
    }
  }
  return out;
}

std::string report_of(const json& answer) {
  std::string out = lines_of(answer, "changed", "Changed");
  if (out.empty()) out = "Nothing changed.\n";
  out += lines_of(answer, "restart", "Left as it is until the node is restarted");
  out += lines_of(answer, "failed", "Could not be done; the next reload tries again");
  return out + lines_of(answer, "warnings", "Warnings");
}

}  // namespace

void declare_reload(cxxopts::Options& options) {
  declare_admin_options(options);
}

int reload_command(const Command& command, const Arguments& arguments) {
  const auto socket = admin_socket_of(command, arguments);
  if (!socket) return socket.error();
  const auto answer = ask_admin(*socket, "reload", json::object());
  if (!answer) return admin_failed(command, answer.error(), kExitBadConfig);
  const bool as_json = has_option(arguments, "json");
  const int printed = print(as_json ? json_output(*answer, true) : report_of(*answer));
  if (printed != kExitOk) return printed;
  return list_in(*answer, "failed").empty() ? kExitOk : kExitFailure;
}

}  // namespace thicket::node
