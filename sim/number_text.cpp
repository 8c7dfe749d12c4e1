#include "sim/number_text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <limits>

namespace thicket::sim {

namespace {

std::uint64_t power_of_ten(int exponent) {
  std::uint64_t power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::int64_t> parse_decimal(std::string_view text, int decimals) {
  const std::size_t point = text.find('.');
  const auto whole = parse_number(text.substr(0, point));
  if (!whole) return std::nullopt;
  std::uint64_t fraction = 0;
  if (point != std::string_view::npos) {
    std::string digits(text.substr(point + 1));
    if (digits.empty() || digits.size() > static_cast<std::size_t>(decimals)) return std::nullopt;
    digits.resize(static_cast<std::size_t>(decimals), '0');
    const auto parsed = parse_number(digits);
    if (!parsed) return std::nullopt;
    fraction = *parsed;
  }
  const std::uint64_t unit = power_of_ten(decimals);
  const auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (*whole > (most - fraction) / unit) return std::nullopt;
  return static_cast<std::int64_t>(*whole * unit + fraction);
}

std::string format_decimal(std::int64_t value, int decimals) {
  const auto bits = static_cast<std::uint64_t>(value);
  const std::uint64_t magnitude = value < 0 ? 0 - bits : bits;
  const std::uint64_t unit = power_of_ten(decimals);
  std::string text = fmt::format("{}{}", value < 0 ? "-" : "", magnitude / unit);
  if (magnitude % unit == 0) return text;
  text += fmt::format(".{:0{}}", magnitude % unit, decimals);
  text.erase(text.find_last_not_of('0') + 1);
  return text;
}

}  // namespace thicket::sim
