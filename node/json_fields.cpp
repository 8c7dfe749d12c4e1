#include "node/json_fields.hpp"

#include <nlohmann/json.hpp>

#include "node/display_text.hpp"

namespace thicket::node {

using nlohmann::json;

std::string printable(std::string_view text, std::size_t most) {
  return displayable(text.substr(0, most), false);
}

const json& field(const json& object, const char* name) {
  static const json nothing;
  if (!object.is_object()) return nothing;
  const auto found = object.find(name);
  return found == object.end() ? nothing : *found;
}

std::string field_text(const json& object, const char* name, std::string_view otherwise) {
  const json& value = field(object, name);
  return value.is_string() ? printable(value.get_ref<const std::string&>())
                           : std::string(otherwise);
}

std::string field_string(const json& object, const char* name, std::string_view otherwise) {
  const json& value = field(object, name);
  return value.is_string() ? value.get<std::string>() : std::string(otherwise);
}

const json& field_list(const json& object, const char* name) {
  static const json none = json::array();
  const json& value = field(object, name);
  return value.is_array() ? value : none;
}

std::string field_numbers(const json& object, const char* name) {
  std::string out;
  for (const json& number : field_list(object, name)) {
    if (!out.empty()) out += ' ';
    out += number.is_number_integer() ? number.dump() : std::string("?");
  }
  return out;
}

std::optional<double> field_number(const json& object, const char* name) {
  const json& value = field(object, name);
  if (!value.is_number()) return std::nullopt;
  const auto number = value.get<double>();
  return number >= 0 ? std::optional(number) : std::nullopt;
}

std::uint64_t field_count(const json& object, const char* name) {
  const json& value = field(object, name);
  if (value.is_number_unsigned()) return value.get<std::uint64_t>();
  const bool positive = value.is_number_integer() && value.get<std::int64_t>() > 0;
  return positive ? static_cast<std::uint64_t>(value.get<std::int64_t>()) : 0;
}

bool field_flag(const json& object, const char* name) {
  const json& value = field(object, name);
  return value.is_boolean() && value.get<bool>();
}

}  // namespace thicket::node
