#pragma once

#include <array>
#include <cstdint>

#include "crypto/bytes.hpp"

namespace thicket {

using Blake2b256 = std::array<std::uint8_t, 32>;
using Blake2b512 = std::array<std::uint8_t, 64>;

/// Longest key that BLAKE2b takes, in bytes.
constexpr std::size_t kBlake2bMaxKey = 64;

/// BLAKE2b with 64 bytes of output, keyed unless `key` is empty: link passwords (wire.md §2, §11).
/// `key` must not be longer than kBlake2bMaxKey.
Blake2b512 blake2b_512(ByteView message, ByteView key = {});

/// BLAKE2b with 32 bytes of output, without a key: identifiers in the DHT.
Blake2b256 blake2b_256(ByteView message);

}  // namespace thicket
