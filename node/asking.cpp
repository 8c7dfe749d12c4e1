#include "node/asking.hpp"

#include <cxxopts.hpp>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "node/admin_client.hpp"
#include "node/exit_code.hpp"

namespace thicket::node {

namespace {

std::optional<std::string> option(const Arguments& arguments, const std::string& name) {
  if (arguments.options.count(name) == 0) return std::nullopt;
  return arguments.options[name].as<std::string>();
}

int failed(const Command& command, const AdminClientError& error, int refusal) {
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
    case Kind::refused:
      return command_error(command.name, error.message, refusal);
    default:
      return command_error(command.name, error.message, kExitFailure);
  }
}

}  // namespace

void declare_asking(cxxopts::Options& options) {
  options.add_options()("json", "Print JSON, with everything that is known")(
      "c,config", "Configuration of the node to ask", cxxopts::value<std::string>(), "FILE")(
      "socket", "Where the node answers: unix:///path or tcp://localhost:port",
      cxxopts::value<std::string>(), "URI");
}

bool names_one_node(const Command& command, const Arguments& arguments) {
  if (arguments.options.count("socket") == 0 || arguments.options.count("config") == 0) return true;
  usage_error(command.name, "--config and --socket both name the socket; give one");
  return false;
}

Result<nlohmann::json, int> ask_node(const Command& command, const Arguments& arguments,
                                     std::string_view request, const nlohmann::json& details,
                                     int refusal) {
  const auto socket = find_admin_socket(option(arguments, "socket"), option(arguments, "config"),
                                        Environment::of_process());
  if (!socket) return failure(failed(command, socket.error(), refusal));
  auto answer = ask_admin(*socket, request, details);
  if (!answer) return failure(failed(command, answer.error(), refusal));
  return std::move(*answer);
}

}  // namespace thicket::node
