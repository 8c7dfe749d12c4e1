#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/public_key.hpp"
#include "crypto/result.hpp"

namespace thicket::transport {

enum class Scheme { tcp, tls, unix_socket, quic, ws, wss, socks, sockstls };
std::string_view to_string(Scheme scheme);

/// A peer or listener as a user writes it (wire.md §10), decoded and checked.
struct PeerUri {
  Scheme scheme = Scheme::tcp;
  std::string host;  ///< lower-case name or normalised address; no brackets, no zone
  std::string zone;  ///< of a link-local IPv6 address: interface name or number
  std::uint16_t port = 0;
  std::string path;  ///< unix only

  std::vector<PublicKey> keys;  ///< pinned; empty: any
  std::uint8_t priority = 0;
  std::string password;                                  ///< at most 64 bytes
  std::optional<std::chrono::milliseconds> max_backoff;  ///< at least 5 s
  std::string sni;                                       ///< empty: the host's name

  /// Without the query: what identifies a link. Parsing it again gives the same again.
  std::string to_string() const;
  /// Whether `host` is a numeric address.
  bool host_is_address() const;

  bool operator==(const PeerUri&) const = default;
};

struct UriError {
  enum class Kind { not_a_uri, unknown_scheme, unsupported_scheme, bad_host, bad_port, bad_option };
  Kind kind;
  std::string message;  ///< one sentence: what was found and what is expected
};

/// What a URI is for: listeners may leave out the host and take port 0 (any free one).
enum class UriUse { dial, listen };

/// Decodes a URI. Options it does not know are ignored, as stock nodes do, so that one
/// configuration serves both.
Result<PeerUri, UriError> parse_peer_uri(std::string_view text, UriUse use = UriUse::dial);

/// A duration such as "5s", "1m30s", "1.5h" or "500ms"; nullopt: not one, negative, or too long.
std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

/// Undoes percent-encoding; `plus_is_space` as in queries. nullopt: a % without two hex digits.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);

}  // namespace thicket::transport
