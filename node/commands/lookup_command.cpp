#include "node/commands/lookup_command.hpp"

#include <cxxopts.hpp>
#include <nlohmann/json.hpp>

#include "node/admin/admin_client.hpp"
#include "node/admin/lookup_target.hpp"
#include "node/commands/admin_options.hpp"
#include "node/commands/exit_code.hpp"
#include "node/commands/json_output.hpp"
#include "node/commands/lookup_table.hpp"
#include "node/commands/wait_notice.hpp"

namespace thicket::node {

void declare_lookup(cxxopts::Options& options) {
  declare_admin_options(options);
}

int lookup_command(const Command& command, const Arguments& arguments) {
  const std::string& target = arguments.operands.front();
  if (const auto parsed = parse_lookup_target(target); !parsed) {
    return usage_error(command.name, parsed.error());
  }
  const auto socket = admin_socket_of(command, arguments);
  if (!socket) return socket.error();
  const auto answer = [&] {
    const WaitNotice notice("looking for the node");
    return ask_admin(*socket, "lookup", {{"key", target}});
  }();
  if (!answer) return admin_failed(command, answer.error());
  const bool json = has_option(arguments, "json");
  const int printed = print(json ? json_output(*answer, true)
                                 : lookup_table(target, *answer, Terminal::of_standard_output()));
  if (printed != kExitOk) return printed;
  const auto found = answer->find("found");
  const bool is_found = found != answer->end() && found->is_boolean() && found->get<bool>();
  return is_found ? kExitOk : kExitNotFound;
}

}  // namespace thicket::node
