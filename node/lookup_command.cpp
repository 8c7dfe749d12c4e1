#include "node/lookup_command.hpp"

#include <fmt/format.h>

#include <cxxopts.hpp>
#include <nlohmann/json.hpp>
#include <optional>

#include "node/admin_client.hpp"
#include "node/bounded_json.hpp"
#include "node/exit_code.hpp"
#include "node/lookup_table.hpp"
#include "node/lookup_target.hpp"

namespace thicket::node {

namespace {

std::optional<std::string> option(const Arguments& arguments, const std::string& name) {
  if (arguments.options.count(name) == 0) return std::nullopt;
  return arguments.options[name].as<std::string>();
}

int failed(const Command& command, const AdminClientError& error) {
  using Kind = AdminClientError::Kind;
  switch (error.kind) {
    case Kind::bad_address:
      return usage_error(command.name, error.message);
    case Kind::bad_config:
      return command_error(command.name, error.message, kExitBadConfig);
    case Kind::no_socket:
      return command_error(command.name,
                           error.message +
                               "\nIs the node running? Start it with 'thicket run', or name its "
                               "socket with --socket\nor its configuration with --config.",
                           kExitFailure);
    default:
      return command_error(command.name, error.message, kExitFailure);
  }
}

}  // namespace

void declare_lookup(cxxopts::Options& options) {
  options.add_options()("json", "Print JSON, with everything that is known")(
      "c,config", "Configuration of the node to ask", cxxopts::value<std::string>(), "FILE")(
      "socket", "Where the node answers: unix:///path or tcp://localhost:port",
      cxxopts::value<std::string>(), "URI");
}

int lookup_command(const Command& command, const Arguments& arguments) {
  const auto named = option(arguments, "socket");
  const auto config = option(arguments, "config");
  if (named && config) {
    return usage_error(command.name, "--config and --socket both name the socket; give one");
  }
  const std::string& target = arguments.operands.front();
  if (const auto parsed = parse_lookup_target(target); !parsed) {
    return usage_error(command.name, parsed.error());
  }
  const auto socket = find_admin_socket(named, config, Environment::of_process());
  if (!socket) return failed(command, socket.error());
  const auto answer = ask_admin(*socket, "lookup", {{"key", target}});
  if (!answer) return failed(command, answer.error());
  const bool json = arguments.options.count("json") != 0;
  const int printed = print(json ? to_text(*answer, true) + "\n" : lookup_table(target, *answer));
  if (printed != kExitOk) return printed;
  const auto found = answer->find("found");
  const bool is_found = found != answer->end() && found->is_boolean() && found->get<bool>();
  return is_found ? kExitOk : kExitNotFound;
}

}  // namespace thicket::node
