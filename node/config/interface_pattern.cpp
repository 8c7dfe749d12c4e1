#include "node/config/interface_pattern.hpp"

#include <regex.h>

#include <algorithm>

namespace thicket::node {

namespace {

constexpr std::size_t kLongestPattern = 256;
// regcomp spells out what {n,m} repeats, nested ones multiplied; RE2 has the same limit.
constexpr std::size_t kMostRepetitions = 1000;

std::size_t product_of_repetitions(std::string_view regex) {
  std::size_t product = 1;
  for (std::size_t i = regex.find('{'); i < regex.size(); i = regex.find('{', i + 1)) {
    std::size_t largest = 1;
    std::size_t number = 0;
    for (const char c : regex.substr(i + 1, regex.find('}', i) - i - 1)) {
      number = c >= '0' && c <= '9' ? number * 10 + static_cast<std::size_t>(c - '0') : 0;
      largest = std::max(largest, number);
      if (largest > kMostRepetitions) return largest;
    }
    product *= largest;
    if (product > kMostRepetitions) return product;
  }
  return product;
}

// What \d and its like stand for within brackets; empty: the character itself.
std::string_view bracket_class(char c) {
  switch (c) {
    case 'd':
      return "0-9";
    case 'w':
      return "[:alnum:]_";
    case 's':
      return "[:space:]";
    default:
      return {};
  }
}

// Translates a bracket expression from `i` (at its '[') on; POSIX has no escapes in one, and wants
// ']' first and '-' last.
std::string translate_bracket(std::string_view regex, std::size_t& i) {
  std::string body;
  bool closing = false;
  bool hyphen = false;
  ++i;
  const bool negated = i < regex.size() && regex[i] == '^';
  if (negated) ++i;
  const std::size_t first = i;
  while (i < regex.size() && (regex[i] != ']' || i == first)) {
    if (regex[i] == ']') {
      closing = true;
    } else if (regex[i] == '\\' && i + 1 < regex.size()) {
      const char escaped = regex[++i];
      closing = closing || escaped == ']';
      hyphen = hyphen || escaped == '-';
      if (const auto members = bracket_class(escaped); !members.empty()) {
        body += members;
      } else if (escaped != ']' && escaped != '-') {
        body.push_back(escaped);
      }
    } else if (regex.substr(i).starts_with("[:")) {
      const std::size_t end = regex.find(":]", i);
      const std::size_t length = end == std::string_view::npos ? 1 : end + 2 - i;
      body += regex.substr(i, length);
      i += length - 1;
    } else {
      body.push_back(regex[i]);
    }
    ++i;
  }
  const bool closed = i < regex.size();
  return std::string(negated ? "[^" : "[") + (closing ? "]" : "") + body + (hyphen ? "-" : "") +
         (closed ? "]" : "");
}

std::string translate(std::string_view regex) {
  std::string out;
  for (std::size_t i = 0; i < regex.size(); ++i) {
    const char c = regex[i];
    const char next = i + 1 < regex.size() ? regex[i + 1] : '\0';
    if (c == '[') {
      out += translate_bracket(regex, i);
    } else if (c == '\\' && (next == 'd' || next == 'D')) {
      out += next == 'd' ? "[0-9]" : "[^0-9]";
      ++i;
    } else if (c == '\\') {
      // RE2 has no references back; unescaped, a digit is one.
      if (next < '1' || next > '9') out.push_back(c);
      if (next != '\0') out.push_back(next);
      ++i;
    } else if (regex.substr(i).starts_with("(?:")) {
      out.push_back('(');
      i += 2;
    } else {
      out.push_back(c);
      // Laziness decides what is matched, not whether.
      if ((c == '*' || c == '+' || c == '?' || c == '}') && next == '?') ++i;
    }
  }
  return out;
}

}  // namespace

struct InterfacePattern::Compiled {
  regex_t regex{};
  bool valid = false;
  Compiled() = default;
  Compiled(const Compiled&) = delete;
  Compiled& operator=(const Compiled&) = delete;
  ~Compiled() {
    if (valid) regfree(&regex);
  }
};

InterfacePattern::InterfacePattern(std::unique_ptr<Compiled> compiled)
    : compiled_(std::move(compiled)) {}
InterfacePattern::InterfacePattern(InterfacePattern&&) noexcept = default;
InterfacePattern& InterfacePattern::operator=(InterfacePattern&&) noexcept = default;
InterfacePattern::~InterfacePattern() = default;

Result<InterfacePattern, std::string> InterfacePattern::compile(std::string_view regex) {
  if (regex.size() > kLongestPattern) {
    return failure("it is longer than " + std::to_string(kLongestPattern) + " bytes");
  }
  if (product_of_repetitions(regex) > kMostRepetitions)
    return failure(std::string("it repeats too often"));
  int flags = REG_EXTENDED | REG_NOSUB;
  if (regex.starts_with("(?i)")) {
    flags |= REG_ICASE;
    regex.remove_prefix(4);
  }
  auto compiled = std::make_unique<Compiled>();
  const int error = regcomp(&compiled->regex, translate(regex).c_str(), flags);
  if (error != 0) {
    char reason[128];
    regerror(error, &compiled->regex, reason, sizeof reason);
    return failure(std::string(reason));
  }
  compiled->valid = true;
  return InterfacePattern(std::move(compiled));
}

bool InterfacePattern::matches(const std::string& name) const {
  return regexec(&compiled_->regex, name.c_str(), 0, nullptr, 0) == 0;
}

}  // namespace thicket::node
