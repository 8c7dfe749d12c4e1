#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "crypto/result.hpp"

namespace thicket::node {

struct HjsonMember;

/// One value of an HJSON or JSON text, and the line it begins on.
struct HjsonValue {
  using Array = std::vector<HjsonValue>;
  using Object = std::vector<HjsonMember>;  ///< in the text's order; a key may occur repeatedly
  /// Integers that fit are integers; an unsigned one is above the signed range.
  using Data = std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string,
                            Array, Object>;

  Data data;  ///< null unless set
  std::size_t line = 1;
  /// What a reader that wants text takes a bare word like `12` or `true` for: the rest of its line.
  /// Empty if the value is of another kind, or shares its line with something else.
  std::string bare_text;
};

struct HjsonMember {
  std::string key;
  std::size_t line = 1;
  HjsonValue value;
};

/// Why a text is no HJSON. Both texts complete "found …, expected …".
struct HjsonError {
  std::size_t line = 0;
  std::string found;
  std::string expected;
};

/// Objects and arrays nest at most this deep.
inline constexpr std::size_t kMaxHjsonDepth = 64;
/// Longer texts are refused.
inline constexpr std::size_t kMaxHjsonBytes = 1 << 20;

/// Reads one HJSON text (hjson.github.io/syntax.html) in UTF-8: JSON, with comments, optional
/// commas and root braces, keys and strings without quotes, single quotes and ''' strings.
Result<HjsonValue, HjsonError> parse_hjson(std::string_view text);

/// The same value as JSON; of a repeated key the last value counts.
nlohmann::json to_json(const HjsonValue& value);

}  // namespace thicket::node
