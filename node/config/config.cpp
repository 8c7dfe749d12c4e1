#include "node/config/config.hpp"

#include <fmt/format.h>

#include "node/config/config_fields.hpp"
#include "node/config/hjson.hpp"
#include "node/file.hpp"

namespace thicket::node {

namespace {

void wipe_texts(HjsonValue& value) {
  wipe(value.bare_text);
  if (auto* text = std::get_if<std::string>(&value.data)) wipe(*text);
  if (auto* array = std::get_if<HjsonValue::Array>(&value.data)) {
    for (HjsonValue& element : *array) wipe_texts(element);
  }
  if (auto* object = std::get_if<HjsonValue::Object>(&value.data)) {
    for (HjsonMember& member : *object) wipe_texts(member.value);
  }
}

Result<Config, ConfigError> first_error_of(CheckedConfig checked) {
  if (!checked.errors.empty()) return failure(std::move(checked.errors.front()));
  return std::move(checked.config);
}

}  // namespace

std::string ConfigError::to_string() const {
  std::string out = file.string();
  if (line != 0) out += fmt::format(":{}", line);
  if (!key.empty()) out += ": " + key;
  return out + ": found " + found + ", expected " + expected;
}

CheckedConfig check_config(const std::string& text, const std::filesystem::path& file) {
  auto root = parse_hjson(text);
  if (!root) {
    HjsonError& error = root.error();
    CheckedConfig checked;
    checked.errors.push_back({file, error.line, "", error.found, error.expected});
    return checked;
  }
  CheckedConfig checked = read_config_fields(*root, file);
  wipe_texts(*root);
  return checked;
}

CheckedConfig check_config_file(const std::filesystem::path& file) {
  auto content = read_file(file, kMaxConfigBytes);
  if (!content) {
    CheckedConfig checked;
    checked.errors.push_back({file, 0, "", content.error().reason, "a readable configuration"});
    return checked;
  }
  CheckedConfig checked = check_config(content->bytes, file);
  wipe(content->bytes);
  if (checked.config.identity && content->world_readable) {
    checked.config.warnings.push_back(
        file.string() + ": every user of this machine can read its private key; chmod 600 it");
  }
  return checked;
}

Result<Config, ConfigError> parse_config(const std::string& text,
                                         const std::filesystem::path& file) {
  return first_error_of(check_config(text, file));
}

Result<Config, ConfigError> load_config(const std::filesystem::path& file) {
  return first_error_of(check_config_file(file));
}

}  // namespace thicket::node
