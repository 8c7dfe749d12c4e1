#pragma once

#include <string>

#include "crypto/result.hpp"
#include "node/admin/admin_client.hpp"
#include "node/commands/command.hpp"
#include "node/commands/exit_code.hpp"

// What commands that ask the running node have in common.
namespace thicket::node {

/// --json, --config and --socket. `config_name` is how --config is spelt for cxxopts: "c,config"
/// unless the command needs -c for something else.
void declare_admin_options(cxxopts::Options& options, const std::string& config_name = "c,config");
/// Where the node answers, by those options. If that cannot be told, says why; the error is what to
/// end with.
Result<std::string, int> admin_socket_of(const Command& command, const Arguments& arguments);
/// Says why a request got no answer; returns what to end with: `refusal` if the node refused it.
int admin_failed(const Command& command, const AdminClientError& error, int refusal = kExitFailure);
/// The value of an option, if it is given.
std::optional<std::string> option_value(const Arguments& arguments, const std::string& name);
/// Whether a flag is given.
bool has_option(const Arguments& arguments, const std::string& name);

}  // namespace thicket::node
