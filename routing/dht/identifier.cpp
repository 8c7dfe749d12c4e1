#include "routing/dht/identifier.hpp"

#include "crypto/blake2b.hpp"

namespace thicket::routing::dht {

Identifier Identifier::of(const PublicKey& key_or_partial_key) {
  return {blake2b_256(LookupKey::of(key_or_partial_key).bytes)};
}

std::uint8_t Identifier::digit(std::size_t index) const {
  const std::uint8_t byte = bytes[index / 2];
  return index % 2 == 0 ? static_cast<std::uint8_t>(byte >> 4)
                        : static_cast<std::uint8_t>(byte & 0xf);
}

Identifier Identifier::with_digit(std::size_t index, std::uint8_t value) const {
  Identifier result = *this;
  std::uint8_t& byte = result.bytes[index / 2];
  byte = index % 2 == 0 ? static_cast<std::uint8_t>((value << 4) | (byte & 0x0f))
                        : static_cast<std::uint8_t>((byte & 0xf0) | value);
  return result;
}

Identifier distance(const Identifier& a, const Identifier& b) {
  Identifier result;
  for (std::size_t i = 0; i < result.bytes.size(); ++i) {
    result.bytes[i] = static_cast<std::uint8_t>(a.bytes[i] ^ b.bytes[i]);
  }
  return result;
}

std::size_t shared_digits(const Identifier& a, const Identifier& b) {
  for (std::size_t i = 0; i < a.bytes.size(); ++i) {
    const int difference = a.bytes[i] ^ b.bytes[i];
    if (difference != 0) return 2 * i + (difference < 0x10 ? 1 : 0);
  }
  return Identifier::kDigits;
}

bool closer(const Identifier& target, const Identifier& a, const Identifier& b) {
  for (std::size_t i = 0; i < target.bytes.size(); ++i) {
    const int of_a = target.bytes[i] ^ a.bytes[i];
    const int of_b = target.bytes[i] ^ b.bytes[i];
    if (of_a != of_b) return of_a < of_b;
  }
  return false;
}

}  // namespace thicket::routing::dht
