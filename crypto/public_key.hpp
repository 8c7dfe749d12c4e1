#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/bytes.hpp"

namespace thicket {

/// An Ed25519 public key: the name of a node. Ordered as a big-endian number (wire.md §1). Lookups
/// may carry a partial key in its place, whose unknown trailing bits read 1.
struct PublicKey {
  static constexpr std::size_t kSize = 32;
  std::array<std::uint8_t, kSize> bytes{};

  /// 64 hexadecimal digits; nothing else is accepted.
  static std::optional<PublicKey> from_hex(std::string_view hex);
  std::string to_hex() const;
  auto operator<=>(const PublicKey&) const = default;
};

/// An Ed25519 signature.
struct Signature {
  static constexpr std::size_t kSize = 64;
  std::array<std::uint8_t, kSize> bytes{};
  auto operator<=>(const Signature&) const = default;
};

}  // namespace thicket
