#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace thicket {

/// Bytes that somebody else owns, to read.
using ByteView = std::span<const std::uint8_t>;
/// Bytes that somebody else owns, to write.
using ByteSpan = std::span<std::uint8_t>;

}  // namespace thicket
