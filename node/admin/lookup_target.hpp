#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/address.hpp"
#include "crypto/public_key.hpp"
#include "crypto/result.hpp"

namespace thicket::node {

/// What people write for a node, as what lookups take: a public key (64 hexadecimal digits), a
/// node's address (200::/8), or a subnet or any address in it (300::/8; "/64" may follow), the
/// latter two as partial keys. The error is one sentence.
Result<PublicKey, std::string> parse_lookup_target(std::string_view text);

/// The address that is written there, of a node or of a host in a node's subnet; nullopt: it is a
/// key, a whole subnet, or nothing that parse_lookup_target() takes.
std::optional<Address> parse_host_address(std::string_view text);

}  // namespace thicket::node
