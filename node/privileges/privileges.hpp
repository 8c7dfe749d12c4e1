#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/result.hpp"
#include "node/config/config.hpp"
#include "node/privileges/account.hpp"

// What a process may do beyond what any process may: see capabilities(7).
namespace thicket::node {

/// A bit for each CAP_… of <linux/capability.h>, by its number.
using Capabilities = std::uint64_t;

/// Their names in the order of their numbers, one without a name as "CAP_63".
std::vector<std::string> names_of(Capabilities capabilities);

/// What the kernel calls itself: "6.1.0-18-amd64".
std::string kernel_release();
/// What a node needs once its TUN device and its sockets are open.
Capabilities needed_capabilities(const Config& config, std::string_view kernel_release);

/// What this thread has in effect.
Capabilities effective_capabilities();

/// Becomes `account` for good, if it is not yet, with no groups beside its own and with those of
/// `kept` that there were. Makes sure that there is no way back. While there is one thread only.
/// After an error the process must not go on.
Result<void, std::string> become(const Account& account, Capabilities kept);

/// Gives up for good whatever is not in `kept`, as far as that is possible; for a process that
/// stays who it is. While there is one thread only.
Result<void, std::string> keep_only(Capabilities kept);

}  // namespace thicket::node
