#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>

namespace thicket {

/// Keys and tags of NaCl's crypto_box, X25519-XSalsa20-Poly1305 (wire.md §8).
struct BoxPublicKey {
  static constexpr std::size_t kSize = 32;
  std::array<std::uint8_t, kSize> bytes{};
  auto operator<=>(const BoxPublicKey&) const = default;
};

/// Belongs into a Secret or Wiped, as part of whatever they hold.
struct BoxSecretKey {
  static constexpr std::size_t kSize = 32;
  std::array<std::uint8_t, kSize> bytes{};
};

/// What two key pairs have in common. Belongs into a Secret or Wiped, too.
struct BoxSharedKey {
  static constexpr std::size_t kSize = 32;
  std::array<std::uint8_t, kSize> bytes{};
};

/// Bytes that the authentication tag adds to a message, in front of it.
constexpr std::size_t kBoxTagSize = 16;

}  // namespace thicket
