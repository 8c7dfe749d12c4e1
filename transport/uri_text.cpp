#include <array>
#include <limits>

#include "transport/peer_uri.hpp"

namespace thicket::transport {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

// Longer names before those they start with.
constexpr std::array<Unit, 8> kUnits{{{"ns", 1},
                                      {"us", 1'000},
                                      {"\u00b5s", 1'000},
                                      {"\u03bcs", 1'000},
                                      {"ms", 1'000'000},
                                      {"s", 1'000'000'000},
                                      {"m", 60'000'000'000},
                                      {"h", 3'600'000'000'000}}};

const Unit* take_unit(std::string_view& text) {
  for (const Unit& unit : kUnits) {
    if (text.starts_with(unit.name)) {
      text.remove_prefix(unit.name.size());
      return &unit;
    }
  }
  return nullptr;
}

// A decimal number such as "1", "1.5" or ".5", at most 18 digits on either side of the point.
struct Decimal {
  std::int64_t whole = 0;
  double fraction = 0;
};

std::optional<Decimal> take_decimal(std::string_view& text) {
  Decimal number;
  std::size_t digits = 0;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++digits) {
    if (digits == 18) return std::nullopt;
    number.whole = number.whole * 10 + (text.front() - '0');
  }
  if (text.empty() || text.front() != '.')
    return digits == 0 ? std::nullopt : std::optional(number);
  text.remove_prefix(1);
  double weight = 0.1;
  std::size_t decimals = 0;
  for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1), ++decimals) {
    number.fraction += weight * (text.front() - '0');
    weight /= 10;
  }
  return digits + decimals == 0 ? std::nullopt : std::optional(number);
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max() / 2;
  if (text == "0") return std::chrono::nanoseconds{0};
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    const auto number = take_decimal(text);
    if (!number) return std::nullopt;
    const Unit* unit = take_unit(text);
    if (unit == nullptr || number->whole > kMax / unit->nanoseconds) return std::nullopt;
    const auto part =
        number->whole * unit->nanoseconds +
        static_cast<std::int64_t>(number->fraction * static_cast<double>(unit->nanoseconds));
    if (part > kMax - total) return std::nullopt;
    total += part;
  }
  return std::chrono::nanoseconds{total};
}

std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[i] == '%') {
      if (text.size() - i < 3) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += text[i];
    }
  }
  return decoded;
}

}  // namespace thicket::transport
