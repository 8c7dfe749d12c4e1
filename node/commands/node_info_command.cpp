#include "node/commands/node_info_command.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "node/admin/admin_client.hpp"
#include "node/admin/lookup_target.hpp"
#include "node/commands/admin_options.hpp"
#include "node/commands/exit_code.hpp"
#include "node/commands/json_output.hpp"
#include "node/commands/node_info_view.hpp"
#include "node/commands/terminal.hpp"
#include "node/commands/wait_notice.hpp"
#include "node/json_fields.hpp"

namespace thicket::node {

namespace {

using nlohmann::json;

/// The whole key of whom `target` names; the error is what to end with.
Result<std::string, int> key_of(const Command& command, const std::string& socket,
                                const std::string& target) {
  if (PublicKey::from_hex(target)) return target;
  const auto found = [&] {
    const WaitNotice notice("looking for the node");
    return ask_admin(socket, "lookup", {{"key", target}});
  }();
  if (!found) return failure(admin_failed(command, found.error()));
  const std::string key = field_string(*found, "key", "");
  if (field_flag(*found, "found") && PublicKey::from_hex(key)) return key;
  return failure(command_error(
      command.name,
      fmt::format("{} was not found; 'thicket lookup {}' shows who was asked", target, target),
      kExitNotFound));
}

Result<std::string, int> own_key(const Command& command, const std::string& socket) {
  const auto self = ask_admin(socket, "getself", json::object());
  if (!self) return failure(admin_failed(command, self.error()));
  return field_string(*self, "key", "");
}

}  // namespace

int node_info_command(const Command& command, const Arguments& arguments) {
  const bool named = !arguments.operands.empty();
  if (named) {
    if (const auto parsed = parse_lookup_target(arguments.operands[0]); !parsed) {
      return usage_error(command.name, parsed.error());
    }
  }
  const auto socket = admin_socket_of(command, arguments);
  if (!socket) return socket.error();
  const auto key =
      named ? key_of(command, *socket, arguments.operands[0]) : own_key(command, *socket);
  if (!key) return key.error();
  const auto answer = [&] {
    const WaitNotice notice("asking the node, for up to 6 seconds");
    return ask_admin(*socket, "getnodeinfo", {{"key", *key}});
  }();
  if (!answer) {
    const AdminClientError& error = answer.error();
    if (error.kind != AdminClientError::Kind::refused || error.message != "timeout") {
      return admin_failed(command, error);
    }
    return command_error(command.name, "the node does not answer", kExitNotFound);
  }
  if (has_option(arguments, "json")) return print(json_output(*answer, true));
  return print(node_info_view(*answer, Terminal::of_standard_output()));
}

}  // namespace thicket::node
