#pragma once

#include <array>
#include <compare>
#include <cstddef>
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

  // Tables ordered by key are everywhere, and the first bytes nearly always decide.
  constexpr std::strong_ordering operator<=>(const PublicKey& other) const {
    const std::uint64_t ours = head();
    const std::uint64_t theirs = other.head();
    return ours != theirs ? ours <=> theirs : bytes <=> other.bytes;
  }
  constexpr bool operator==(const PublicKey& other) const {
    return head() == other.head() && bytes == other.bytes;
  }

 private:
  constexpr std::uint64_t head() const {
    const auto byte = [this](std::size_t i) { return std::uint64_t{bytes[i]} << (56 - 8 * i); };
    return byte(0) | byte(1) | byte(2) | byte(3) | byte(4) | byte(5) | byte(6) | byte(7);
  }
};

/// An Ed25519 signature.
struct Signature {
  static constexpr std::size_t kSize = 64;
  std::array<std::uint8_t, kSize> bytes{};
  auto operator<=>(const Signature&) const = default;
};

}  // namespace thicket
