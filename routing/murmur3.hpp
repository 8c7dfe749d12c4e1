#pragma once

#include <array>
#include <cstdint>

#include "crypto/bytes.hpp"

namespace thicket::routing {

/// MurmurHash3, the 128-bit variant for 64-bit machines, with seed 0 (wire.md §7). Not a
/// cryptographic hash.
std::array<std::uint64_t, 2> murmur3_x64_128(ByteView data);

}  // namespace thicket::routing
