#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>

#include "crypto/address.hpp"
#include "crypto/public_key.hpp"

namespace thicket::routing::dht {

/// Where a node, and the record of its path, belong in the DHT. A key, its address and its subnet
/// (as partial keys) have the same one. Also the XOR distance of two of them, as a big number.
struct Identifier {
  static constexpr std::size_t kDigits = 64;  ///< base 16, the most significant first
  static constexpr std::size_t kDigitValues = 16;

  std::array<std::uint8_t, 32> bytes{};

  static Identifier of(const PublicKey& key_or_partial_key);
  /// `index` < kDigits.
  std::uint8_t digit(std::size_t index) const;
  Identifier with_digit(std::size_t index, std::uint8_t value) const;
  auto operator<=>(const Identifier&) const = default;
};

/// XOR distance; compares as a big-endian number.
Identifier distance(const Identifier& a, const Identifier& b);
/// Leading digits that both share, 0 to kDigits.
std::size_t shared_digits(const Identifier& a, const Identifier& b);
/// Whether `a` is strictly closer to `target` than `b` is.
bool closer(const Identifier& target, const Identifier& a, const Identifier& b);

}  // namespace thicket::routing::dht
