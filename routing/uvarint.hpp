#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "crypto/bytes.hpp"

// Unsigned LEB128 of 64-bit values, as wire.md (head) has it.
namespace thicket::routing {

constexpr std::size_t kMaxUvarintSize = 10;

struct Uvarint {
  enum class Status : std::uint8_t {
    complete,
    truncated,  ///< well-formed so far, but the bytes end first
    malformed,  ///< over 10 bytes or 64 bits
  };
  std::uint64_t value = 0;  ///< meaningful if complete
  std::size_t size = 0;     ///< bytes read, if complete
  Status status = Status::truncated;
};

/// Decodes the uvarint that `bytes` starts with. Longer than minimal forms are accepted.
inline Uvarint decode_uvarint(ByteView bytes) {
  if (!bytes.empty() && bytes[0] < 0x80) return {bytes[0], 1, Uvarint::Status::complete};
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes.size() && i < kMaxUvarintSize; ++i) {
    const std::uint8_t byte = bytes[i];
    const bool last_allowed = i == kMaxUvarintSize - 1;
    if (last_allowed && byte > 1) return {0, 0, Uvarint::Status::malformed};
    value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) return {value, i + 1, Uvarint::Status::complete};
  }
  return {0, 0, Uvarint::Status::truncated};
}

/// Size of the minimal form, 1 to 10.
constexpr std::size_t uvarint_size(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}

/// Writes the minimal form, uvarint_size(value) bytes, and returns where it ends.
inline std::uint8_t* write_uvarint(std::uint8_t* out, std::uint64_t value) {
  while (value >= 0x80) {
    *out++ = static_cast<std::uint8_t>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<std::uint8_t>(value);
  return out;
}

/// Appends the minimal form.
inline void append_uvarint(std::vector<std::uint8_t>& out, std::uint64_t value) {
  std::uint8_t bytes[kMaxUvarintSize];
  out.insert(out.end(), bytes, write_uvarint(bytes, value));
}

}  // namespace thicket::routing
