#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/bytes.hpp"
#include "crypto/result.hpp"

// What nodes tell each other of the extensions they know: peers in the handshake (E1),
// correspondents in a session (E3). A hint, never a ground for trust.
namespace thicket::routing {

namespace limits {

/// Longest body that is looked at.
constexpr std::size_t kCapabilitiesBytes = 512;
/// Keys of the map, and elements of a list in it; depth of unknown things.
constexpr std::size_t kCapabilitiesElements = 32;
constexpr std::size_t kCapabilitiesDepth = 4;
/// What is kept of texts, in bytes.
constexpr std::size_t kAgentBytes = 64;
constexpr std::size_t kSeenBytes = 96;

}  // namespace limits

/// Type of the handshake's TLV.
constexpr std::uint16_t kCapabilitiesField = 0x5448;
/// The first bytes of a hello as session data (wire.md §9).
constexpr std::uint8_t kProtocolMessage = 2;
constexpr std::uint8_t kHelloMessage = 0x54;

/// Texts are printable ASCII of bounded length, whatever was received.
struct Capabilities {
  std::uint64_t version = 1;
  std::string agent;  ///< program and its version; empty: it does not say
  bool dht = false;   ///< takes part in the DHT (E2)
  std::string seen;   ///< the receiver's end point as the sender sees it; empty: it does not say

  /// The names of what is offered, as they are spelt on the wire.
  std::vector<std::string_view> names() const;
  bool operator==(const Capabilities&) const = default;
};

enum class CapabilitiesError {
  too_long,
  malformed,  ///< not exactly one bounded MessagePack map
  bad_field,  ///< no version, or a known key with a value of the wrong type
};
std::string_view describe(CapabilitiesError error);

/// Unknown keys and names are ignored; of equal keys the last counts. Bytes of a text that are not
/// printable ASCII read as '?'; what is too long is cut.
Result<Capabilities, CapabilitiesError> decode_capabilities(ByteView body);
/// Empty texts are left out; others go through the same rules as at decoding.
std::vector<std::uint8_t> encode_capabilities(const Capabilities& capabilities);
/// At most `size_max` bytes of printable ASCII.
std::string printable(std::string_view text, std::size_t size_max);

}  // namespace thicket::routing
