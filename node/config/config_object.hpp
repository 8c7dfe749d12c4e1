#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "node/config/config_value.hpp"
#include "program/suggestion.hpp"

namespace thicket::node {

/// One key that an object in a configuration file may have, and where its value goes.
template <class Target>
struct ConfigField {
  std::string_view name;
  Checked<void> (*read)(Target& target, const ConfigValue& value);
  bool secret = false;
};

/// What was found on the way through a configuration file.
struct ConfigFindings {
  std::vector<ConfigError> errors;
  std::vector<std::string> warnings;
  std::vector<std::string> keys;  ///< known ones that it has: "MulticastInterfaces[0].Port"
};

/// Hands the values of `object` to their fields, all of them whatever is wrong with some. Keys are
/// matched whatever their case; unknown ones and all but the last of repeated ones are skipped with
/// a warning.
template <class Target>
void read_fields(const ConfigValue& object, std::string_view expected,
                 std::span<const ConfigField<Target>> fields, Target& target,
                 ConfigFindings& findings) {
  const auto members = object.object(expected);
  if (!members) {
    findings.errors.push_back(members.error());
    return;
  }
  std::vector<std::string_view> names;
  for (const auto& field : fields) names.push_back(field.name);
  std::vector<const HjsonMember*> chosen(fields.size(), nullptr);

  const auto warn = [&](const HjsonMember& entry, const std::string& what) {
    findings.warnings.push_back(fmt::format("{}:{}: {} {}", object.file.string(), entry.line,
                                            object.member(entry.key, entry.value).key, what));
  };
  for (const HjsonMember* entry : *members) {
    std::size_t i = 0;
    while (i < fields.size() && program::lower_case(names[i]) != program::lower_case(entry->key))
      ++i;
    if (i == fields.size()) {
      warn(*entry, "is no known key and is ignored" + program::did_you_mean(entry->key, names));
      continue;
    }
    if (chosen[i] != nullptr) {
      warn(*chosen[i], fmt::format("is given again in line {}, which counts", entry->line));
    }
    chosen[i] = entry;
  }
  for (const HjsonMember* entry : *members) {
    const auto at = std::find(chosen.begin(), chosen.end(), entry);
    if (at == chosen.end()) continue;
    const ConfigField<Target>& field = fields[static_cast<std::size_t>(at - chosen.begin())];
    ConfigValue value = object.member(field.name, entry->value);
    value.secret = field.secret;
    findings.keys.push_back(value.key);
    if (auto done = field.read(target, value); !done) findings.errors.push_back(done.error());
  }
}

}  // namespace thicket::node
