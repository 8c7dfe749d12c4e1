#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "crypto/result.hpp"
#include "node/command.hpp"

// What every command that asks the running node has in common.
namespace thicket::node {

/// The options --json, --config and --socket.
void declare_asking(cxxopts::Options& options);

/// Whether the command line names a node in one way at most; if not, says so.
bool names_one_node(const Command& command, const Arguments& arguments);

/// Has the node that --config or --socket names, or else this machine's and user's, carry out a
/// request. The error is the exit status of the command, which has said what is wrong; `refusal` is
/// the one for a request that the node refuses.
Result<nlohmann::json, int> ask_node(const Command& command, const Arguments& arguments,
                                     std::string_view request, const nlohmann::json& details,
                                     int refusal);

}  // namespace thicket::node
