#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace thicket::sim {

/// A whole number, digits only, that fits.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// A number ≥ 0 with at most `decimals` (≤ 9) digits behind the point, times 10^decimals: "12.5"
/// with 3 is 12500. nullopt: it is none, or does not fit.
std::optional<std::int64_t> parse_decimal(std::string_view text, int decimals);

/// The shortest text that parse_decimal reads as `value`; a negative one starts with '-'.
std::string format_decimal(std::int64_t value, int decimals);

}  // namespace thicket::sim
