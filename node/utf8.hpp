#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace thicket::node {

/// How many leading bytes of `text` are well-formed UTF-8 (no overlong forms, no surrogates).
/// text.size() if all are.
std::size_t valid_utf8_prefix(std::string_view text);

/// Appends one Unicode scalar value (up to 0x10ffff, no surrogate).
void append_utf8(std::string& out, std::uint32_t code_point);

}  // namespace thicket::node
