#include "crypto/uvarint.hpp"

#include <bit>

#include "crypto/invariant.hpp"

namespace thicket::crypto {

std::size_t uvarint_size(std::uint64_t value) {
  return value == 0 ? 1 : (static_cast<std::size_t>(std::bit_width(value)) + 6) / 7;
}

ByteSpan put_uvarint(ByteSpan out, std::uint64_t value) {
  const std::size_t size = uvarint_size(value);
  INVARIANT(size <= out.size());
  for (std::size_t i = 0; i < size; ++i) {
    const std::uint64_t more = i + 1 < size ? 0x80 : 0;
    out[i] = static_cast<std::uint8_t>((value & 0x7f) | more);
    value >>= 7;
  }
  return out.subspan(size);
}

std::optional<std::uint64_t> take_uvarint(ByteView& in) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < in.size() && i < kMaxUvarintSize; ++i) {
    const std::uint8_t byte = in[i];
    if (i + 1 == kMaxUvarintSize && byte > 1) return std::nullopt;
    value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if ((byte & 0x80) == 0) {
      in = in.subspan(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

}  // namespace thicket::crypto
