#include "node/commands/view_commands.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cxxopts.hpp>
#include <nlohmann/json.hpp>

#include "node/admin/admin_client.hpp"
#include "node/commands/admin_options.hpp"
#include "node/commands/exit_code.hpp"
#include "node/commands/json_output.hpp"
#include "node/commands/paths_view.hpp"
#include "node/commands/peers_view.hpp"
#include "node/commands/sessions_view.hpp"
#include "node/commands/status_view.hpp"
#include "node/commands/suggest_command.hpp"
#include "node/commands/terminal.hpp"
#include "node/commands/tree_view.hpp"
#include "node/json_fields.hpp"
#include "program/suggestion.hpp"

namespace thicket::node {

namespace {

using nlohmann::json;
using View = std::string (*)(const json& answer, const Terminal& terminal);

constexpr std::string_view kSuggest = "suggest";
constexpr std::array<std::string_view, 3> kPeerOrders{"default", "uptime", "cost"};

/// Asks, and prints what was answered.
int show(const Command& command, const Arguments& arguments, std::string_view request,
         const json& request_arguments, View view) {
  const auto socket = admin_socket_of(command, arguments);
  if (!socket) return socket.error();
  const auto answer = ask_admin(*socket, request, request_arguments);
  if (!answer) return admin_failed(command, answer.error());
  if (has_option(arguments, "json")) return print(json_output(*answer, true));
  return print(view(*answer, Terminal::of_standard_output()));
}

}  // namespace

void declare_view(cxxopts::Options& options) {
  declare_admin_options(options);
}

void declare_peers(cxxopts::Options& options) {
  options.add_options()("sort", "Order by default, uptime or cost", cxxopts::value<std::string>(),
                        "ORDER");
  declare_suggest(options);
  declare_admin_options(options);
}

int status_command(const Command& command, const Arguments& arguments) {
  return show(command, arguments, "getstatus", json::object(), status_view);
}

int peers_command(const Command& command, const Arguments& arguments) {
  if (!arguments.operands.empty()) {
    const std::string& action = arguments.operands.front();
    if (action != kSuggest) {
      return usage_error(command.name, fmt::format("found \"{}\", expected suggest or nothing",
                                                   printable(action)));
    }
    if (arguments.operands.size() == 1) {
      return usage_error(command.name, "suggest: a list of peers is missing: a file, or -");
    }
    return suggest_command(command, arguments);
  }
  const std::string order = option_value(arguments, "sort").value_or("default");
  if (std::ranges::find(kPeerOrders, order) == kPeerOrders.end()) {
    return usage_error(command.name,
                       fmt::format("--sort: found \"{}\", expected default, uptime or cost{}",
                                   printable(order), program::did_you_mean(order, kPeerOrders)));
  }
  return show(command, arguments, "getpeers", {{"sort", order}}, peers_view);
}

int sessions_command(const Command& command, const Arguments& arguments) {
  return show(command, arguments, "getsessions", json::object(), sessions_view);
}

int paths_command(const Command& command, const Arguments& arguments) {
  return show(command, arguments, "getpaths", json::object(), paths_view);
}

int tree_command(const Command& command, const Arguments& arguments) {
  const auto socket = admin_socket_of(command, arguments);
  if (!socket) return socket.error();
  const auto tree = ask_admin(*socket, "gettree", json::object());
  if (!tree) return admin_failed(command, tree.error());
  if (has_option(arguments, "json")) return print(json_output(*tree, true));
  const auto self = ask_admin(*socket, "getself", json::object());
  if (!self) return admin_failed(command, self.error());
  const auto peers = ask_admin(*socket, "getpeers", json::object());
  if (!peers) return admin_failed(command, peers.error());
  TreeMarks marks{.self = field_string(*self, "key", ""), .peers = {}};
  for (const json& peer : field_list(*peers, "peers")) {
    if (field_flag(peer, "up")) marks.peers.insert(field_string(peer, "key", ""));
  }
  return print(tree_view(*tree, marks, Terminal::of_standard_output()));
}

}  // namespace thicket::node
