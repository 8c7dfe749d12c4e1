#include "node/config/config_value.hpp"

#include <fmt/format.h>

#include <optional>

#include "node/utf8.hpp"

namespace thicket::node {

namespace {

constexpr std::size_t kMostShown = 60;

// Short enough for one line, and nothing in it that a terminal would obey.
std::string shown(std::string_view text) {
  const bool cut = text.size() > kMostShown;
  std::string out(text.substr(0, kMostShown));
  out.resize(valid_utf8_prefix(out));
  for (char& c : out) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return cut ? out + "…" : out;
}

std::optional<std::uint64_t> natural(const HjsonValue& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value.data)) return *number;
  const auto* number = std::get_if<std::int64_t>(&value.data);
  if (number == nullptr || *number < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

struct Description {
  bool secret;
  std::string operator()(std::nullptr_t) const { return "null"; }
  std::string operator()(bool truth) const { return truth ? "true" : "false"; }
  std::string operator()(std::int64_t number) const { return of_number(number); }
  std::string operator()(std::uint64_t number) const { return of_number(number); }
  std::string operator()(double number) const { return of_number(number); }
  std::string operator()(const std::string& text) const {
    if (secret) return fmt::format("a text of {} bytes", text.size());
    return fmt::format("the text \"{}\"", shown(text));
  }
  std::string operator()(const HjsonValue::Array&) const { return "a list"; }
  std::string operator()(const HjsonValue::Object&) const { return "an object"; }
  template <class Number>
  std::string of_number(Number number) const {
    return secret ? std::string("a number") : fmt::format("the number {}", number);
  }
};

}  // namespace

ConfigValue ConfigValue::element(std::size_t index, const HjsonValue& content) const {
  return ConfigValue{content, fmt::format("{}[{}]", key, index), secret, file};
}

ConfigValue ConfigValue::member(std::string_view name, const HjsonValue& content) const {
  const std::string printable = shown(name);
  return ConfigValue{content, key.empty() ? printable : key + "." + printable, secret, file};
}

std::string ConfigValue::describe() const {
  return std::visit(Description{secret}, value.data);
}

ConfigError ConfigValue::wrong(std::string expected) const {
  return wrong(describe(), std::move(expected));
}

ConfigError ConfigValue::wrong(std::string found, std::string expected) const {
  return ConfigError{file, value.line, key, std::move(found), std::move(expected)};
}

Checked<std::string> ConfigValue::text(std::string_view expected) const {
  if (const auto* content = std::get_if<std::string>(&value.data)) return *content;
  if (!value.bare_text.empty()) return value.bare_text;
  return failure(wrong(std::string(expected)));
}

Checked<bool> ConfigValue::boolean() const {
  if (const auto* truth = std::get_if<bool>(&value.data)) return *truth;
  return failure(wrong("true or false"));
}

Checked<std::uint64_t> ConfigValue::integer(std::uint64_t least, std::uint64_t most) const {
  const auto number = natural(value);
  if (!number || *number < least || *number > most) {
    return failure(wrong(fmt::format("a whole number from {} to {}", least, most)));
  }
  return *number;
}

Checked<std::vector<ConfigValue>> ConfigValue::list(std::string_view expected) const {
  std::vector<ConfigValue> out;
  if (is_null()) return out;
  const auto* elements = std::get_if<HjsonValue::Array>(&value.data);
  if (elements == nullptr) return failure(wrong(std::string(expected)));
  for (const HjsonValue& content : *elements) out.push_back(element(out.size(), content));
  return out;
}

Checked<std::vector<HjsonMember const*>> ConfigValue::object(std::string_view expected) const {
  std::vector<HjsonMember const*> out;
  if (is_null()) return out;
  const auto* members = std::get_if<HjsonValue::Object>(&value.data);
  if (members == nullptr) return failure(wrong(std::string(expected)));
  for (const HjsonMember& entry : *members) out.push_back(&entry);
  return out;
}

}  // namespace thicket::node
