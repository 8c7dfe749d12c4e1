#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "crypto/bytes.hpp"

namespace thicket::crypto {

/// Longest encoding of a uvarint: unsigned LEB128 of 64 bits (wire.md, introduction).
constexpr std::size_t kMaxUvarintSize = 10;

/// Bytes of the minimal encoding of `value`.
std::size_t uvarint_size(std::uint64_t value);
/// Writes the minimal encoding to the front of `out` and returns what follows it.
ByteSpan put_uvarint(ByteSpan out, std::uint64_t value);
/// Takes a uvarint off the front of `in`, longer than minimal or not. None if it is cut short or
/// has more than 10 bytes or 64 bits.
std::optional<std::uint64_t> take_uvarint(ByteView& in);

}  // namespace thicket::crypto
