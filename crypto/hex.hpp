#pragma once

#include <string>
#include <string_view>

#include "crypto/bytes.hpp"

namespace thicket {

/// Lower-case hexadecimal digits of `bytes`.
std::string to_hex(ByteView bytes);

/// Reads exactly `out.size()` bytes from twice as many hexadecimal digits, of either case. Nothing
/// else is accepted; on failure `out` is unspecified.
bool from_hex(std::string_view hex, ByteSpan out);

}  // namespace thicket
