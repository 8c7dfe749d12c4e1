#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "crypto/bytes.hpp"
#include "crypto/public_key.hpp"
#include "crypto/result.hpp"

namespace thicket::transport {

/// What a node says of itself on a local network (wire.md §11): who it is, and where it takes TLS
/// links. The sender's address is that of the datagram.
struct Beacon {
  PublicKey key;
  std::uint16_t port = 0;
  auto operator<=>(const Beacon&) const = default;
};

enum class BeaconError {
  truncated,
  other_version,   ///< not protocol 0.5
  bad_hash_size,   ///< the hash is not 64 bytes
  wrong_password,  ///< the hash is not that of the key under our password
};
std::string_view describe(BeaconError error);

/// The payload of the datagram. `password`: that of the interface, at most 64 bytes, empty for
/// none.
std::vector<std::uint8_t> encode_beacon(const Beacon& beacon, std::string_view password);
/// Bytes behind the beacon are ignored, so that it can grow.
Result<Beacon, BeaconError> decode_beacon(ByteView datagram, std::string_view password);

}  // namespace thicket::transport
