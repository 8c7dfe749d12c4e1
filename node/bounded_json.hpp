#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace thicket::node {

/// JSON from outside that nests deeper than this is refused: writing it again is recursive, and
/// indenting it would grow with the square of the depth.
constexpr std::size_t kMaxJsonDepth = 32;

/// Finds where a JSON object ends that arrives in pieces, without parsing it.
class JsonScanner {
 public:
  enum class State {
    more,      ///< the object is not complete yet
    complete,  ///< the last byte was the object's last
    invalid,   ///< not an object, or nested too deeply
  };
  /// Takes the next byte. Start afresh after anything but `more`.
  State feed(char byte);

 private:
  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
};

/// Parses one JSON object and nothing behind it. nullopt: it is none, or nests too deeply.
std::optional<nlohmann::json> parse_object(std::string_view text);

/// Text of `value`, indented by two spaces if `indented`; bytes that are no UTF-8 are replaced.
std::string to_text(const nlohmann::json& value, bool indented);

}  // namespace thicket::node
