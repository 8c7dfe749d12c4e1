#include "node/commands/peer_command.hpp"

#include <fmt/format.h>

#include <array>
#include <cxxopts.hpp>
#include <nlohmann/json.hpp>

#include "node/admin/admin_client.hpp"
#include "node/commands/admin_options.hpp"
#include "node/commands/exit_code.hpp"
#include "node/commands/json_output.hpp"
#include "node/json_fields.hpp"
#include "program/suggestion.hpp"
#include "transport/peer_uri.hpp"

namespace thicket::node {

namespace {

constexpr std::array<std::string_view, 2> kActions{"add", "remove"};

}  // namespace

void declare_peer(cxxopts::Options& options) {
  options.add_options()("interface", "Dial from this network interface only",
                        cxxopts::value<std::string>(), "NAME");
  declare_admin_options(options);
}

int peer_command(const Command& command, const Arguments& arguments) {
  const std::string& action = arguments.operands[0];
  const std::string& uri = arguments.operands[1];
  const bool adds = action == kActions[0];
  if (!adds && action != kActions[1]) {
    return usage_error(command.name,
                       fmt::format("found \"{}\", expected add or remove{}", printable(action),
                                   program::did_you_mean(action, kActions)));
  }
  if (const auto parsed = transport::parse_peer_uri(uri); !parsed) {
    return usage_error(command.name, parsed.error().message);
  }
  const auto socket = admin_socket_of(command, arguments);
  if (!socket) return socket.error();
  nlohmann::json request = {{"uri", uri}};
  if (const auto interface = option_value(arguments, "interface"))
    request["interface"] = *interface;
  const auto answer = ask_admin(*socket, adds ? "addpeer" : "removepeer", request);
  if (!answer) return admin_failed(command, answer.error());
  if (has_option(arguments, "json")) return print(json_output(*answer, true));
  return print(adds ? "Added until the node ends; for longer, add it under Peers in the "
                      "configuration.\n'thicket peers' shows whether it is up.\n"
                    : "Removed until the node ends; for longer, take it out of the "
                      "configuration.\n");
}

}  // namespace thicket::node
