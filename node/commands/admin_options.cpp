#include "node/commands/admin_options.hpp"

#include <cxxopts.hpp>

#include "node/json_fields.hpp"

namespace thicket::node {

void declare_admin_options(cxxopts::Options& options, const std::string& config_name) {
  options.add_options()("json", "Print JSON, with everything that is known")(
      config_name, "Configuration of the node to ask", cxxopts::value<std::string>(), "FILE")(
      "socket", "Where the node answers: unix:///path or tcp://localhost:port",
      cxxopts::value<std::string>(), "URI");
}

std::optional<std::string> option_value(const Arguments& arguments, const std::string& name) {
  if (arguments.options.count(name) == 0) return std::nullopt;
  return arguments.options[name].as<std::string>();
}

bool has_option(const Arguments& arguments, const std::string& name) {
  return arguments.options.count(name) != 0;
}

int admin_failed(const Command& command, const AdminClientError& error, int refusal) {
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
    case Kind::no_permission:
      return command_error(command.name,
                           error.message +
                               "\nThe socket's owner and group alone may ask (ls -l shows who they "
                               "are): join that\ngroup (sudo usermod -aG GROUP USER, then log in "
                               "again), or use sudo.",
                           kExitFailure);
    case Kind::refused:
      return command_error(command.name, printable(error.message, 500), refusal);
    default:
      return command_error(command.name, error.message, kExitFailure);
  }
}

Result<std::string, int> admin_socket_of(const Command& command, const Arguments& arguments) {
  const auto named = option_value(arguments, "socket");
  const auto config = option_value(arguments, "config");
  if (named && config) {
    return failure(
        usage_error(command.name, "--config and --socket both name the socket; give one"));
  }
  const auto socket = find_admin_socket(named, config, Environment::of_process());
  if (!socket) return failure(admin_failed(command, socket.error()));
  return *socket;
}

}  // namespace thicket::node
