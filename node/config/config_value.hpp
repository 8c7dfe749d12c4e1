#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/result.hpp"
#include "node/config/config.hpp"
#include "node/config/hjson.hpp"

namespace thicket::node {

template <class T>
using Checked = Result<T, ConfigError>;

/// One value of a configuration file, and how to speak of it.
struct ConfigValue {
  const HjsonValue& value;
  std::string key;      ///< "MulticastInterfaces[1].Port"
  bool secret = false;  ///< errors say what kind of value was found, not which
  const std::filesystem::path& file;

  ConfigValue element(std::size_t index, const HjsonValue& content) const;
  ConfigValue member(std::string_view name, const HjsonValue& content) const;

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value.data); }
  /// `the number 5`, `the text "abc"`, `a list`; of a secret text only its length.
  std::string describe() const;
  ConfigError wrong(std::string expected) const;
  ConfigError wrong(std::string found, std::string expected) const;

  /// Bare words like 12 and true are text too, as they are to Yggdrasil. `expected` is what an
  /// error says was wanted instead.
  Checked<std::string> text(std::string_view expected = "text in quotes") const;
  Checked<bool> boolean() const;
  Checked<std::uint64_t> integer(std::uint64_t least, std::uint64_t most) const;
  /// null is an empty list.
  Checked<std::vector<ConfigValue>> list(std::string_view expected) const;
  /// null is an empty object; may name a key twice.
  Checked<std::vector<HjsonMember const*>> object(std::string_view expected) const;
};

}  // namespace thicket::node
