#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/result.hpp"
#include "crypto/time.hpp"
#include "node/config/state_directory.hpp"

// The other end of the administration socket (admin.md §12), for the program's own commands.
namespace thicket::node {

/// Why a request got no answer that can be used. `message` is one sentence.
struct AdminClientError {
  enum class Kind {
    no_socket,      ///< nobody answers there
    no_permission,  ///< it is there, and not for this user
    bad_address,    ///< not what an administration socket can be at
    no_reply,       ///< not in time, or not a whole one
    bad_reply,      ///< too long, or not JSON
    refused,        ///< the node says that it cannot be done
    bad_config,     ///< the configuration that names the socket cannot be used
    interrupted,    ///< the descriptor that stops it became readable
  };
  Kind kind;
  std::string message;
};

/// A reply is at most this long: what is longer comes from something that is no thicket.
inline constexpr std::size_t kMaxAdminReply = 16 * 1024 * 1024;
/// Longer than any of the stock requests takes (admin.md §12: 6 s); for those of our own that wait,
/// such as ping and events, the asker names a longer time.
inline constexpr Duration kAdminTimeout = std::chrono::seconds(10);

/// Where the node of this machine and user answers: `named` (unix:///path or tcp://localhost:port);
/// else AdminListen of `config_file`; else that of the default configuration, if it can be read;
/// else where new configurations have it, or, if no socket is there, where the system's service or
/// root's node has one.
Result<std::string, AdminClientError> find_admin_socket(
    const std::optional<std::string>& named, const std::optional<std::string>& config_file,
    const Environment& environment);

/// Carries out one request; blocks for at most `timeout`, and only until `stop_descriptor` (-1:
/// none) becomes readable, as that of an Interruption does. The response alone.
Result<nlohmann::json, AdminClientError> ask_admin(std::string_view uri, std::string_view request,
                                                   const nlohmann::json& arguments,
                                                   Duration timeout = kAdminTimeout,
                                                   int stop_descriptor = -1);

}  // namespace thicket::node
