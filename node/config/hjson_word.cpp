#include "node/config/hjson_word.hpp"

#include <charconv>

namespace thicket::node {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
std::size_t skip_digits(std::string_view text, std::size_t i) {
  while (i < text.size() && is_digit(text[i])) ++i;
  return i;
}

// Whether `text` is a number in JSON's grammar; sets whether it has neither fraction nor exponent.
bool is_json_number(std::string_view text, bool& integral) {
  std::size_t i = text.starts_with('-') ? 1 : 0;
  const std::size_t digits = skip_digits(text, i) - i;
  if (digits == 0 || (digits > 1 && text[i] == '0')) return false;
  i += digits;
  integral = i == text.size();
  if (i < text.size() && text[i] == '.') {
    const std::size_t end = skip_digits(text, i + 1);
    if (end == i + 1) return false;
    i = end;
  }
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    const std::size_t end = skip_digits(text, i);
    if (end == i) return false;
    i = end;
  }
  return i == text.size();
}

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

bool is_punctuator(char c) {
  return c == '{' || c == '}' || c == '[' || c == ']' || c == ',' || c == ':';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return text;
}

std::size_t word_length(std::string_view text) {
  constexpr std::string_view kEnds = ",}]#/\r\n";
  std::size_t end = text.find_first_of(kEnds);
  while (end != std::string_view::npos && text[end] == '/') {
    const std::string_view comment = text.substr(end, 2);
    if (comment == "//" || comment == "/*") break;
    end = text.find_first_of(kEnds, end + 1);
  }
  return end == std::string_view::npos ? text.size() : end;
}

std::optional<HjsonValue::Data> parse_word(std::string_view word) {
  if (word == "true") return true;
  if (word == "false") return false;
  if (word == "null") return nullptr;
  bool integral = false;
  if (!is_json_number(word, integral)) return std::nullopt;
  if (integral) {
    if (const auto number = whole_number<std::int64_t>(word)) return *number;
    if (const auto number = whole_number<std::uint64_t>(word)) return *number;
  }
  if (const auto number = whole_number<double>(word)) return *number;
  return std::nullopt;
}

}  // namespace thicket::node
