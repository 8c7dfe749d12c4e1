#include "crypto/random.hpp"

#include <sodium.h>

#include <cstring>

#include "crypto/invariant.hpp"

namespace thicket {

std::uint64_t Random::next_u64() {
  std::uint8_t bytes[8];
  fill(bytes);
  std::uint64_t value = 0;
  for (const std::uint8_t byte : bytes) value = (value << 8) | byte;
  return value;
}

std::uint64_t Random::below(std::uint64_t bound) {
  INVARIANT(bound != 0);
  // Rejection keeps it uniform: 2^64 mod bound values are too many.
  const std::uint64_t excess = (0 - bound) % bound;
  std::uint64_t value = next_u64();
  while (value < excess) value = next_u64();
  return value % bound;
}

SeededRandom::SeededRandom(std::uint64_t seed) {
  for (std::size_t i = 0; i < 8; ++i) seed_[i] = static_cast<std::uint8_t>(seed >> (8 * i));
}

void SeededRandom::fill(ByteSpan out) {
  if (out.empty()) return;
  std::uint8_t nonce[crypto_stream_chacha20_NONCEBYTES];
  static_assert(sizeof nonce == 8);
  for (std::size_t i = 0; i < sizeof nonce; ++i) {
    nonce[i] = static_cast<std::uint8_t>(block_ >> (8 * i));
  }
  ++block_;
  crypto_stream_chacha20(out.data(), out.size(), nonce, seed_.data());
}

}  // namespace thicket
