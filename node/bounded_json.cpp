#include "node/bounded_json.hpp"

#include <nlohmann/json.hpp>

namespace thicket::node {
namespace {

bool is_space(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

}  // namespace

JsonScanner::State JsonScanner::feed(char byte) {
  if (in_string_) {
    if (escaped_) {
      escaped_ = false;
    } else if (byte == '\\') {
      escaped_ = true;
    } else if (byte == '"') {
      in_string_ = false;
    }
    return State::more;
  }
  if (depth_ == 0 && byte != '{') return is_space(byte) ? State::more : State::invalid;
  switch (byte) {
    case '"':
      in_string_ = true;
      return State::more;
    case '{':
    case '[':
      return ++depth_ > kMaxJsonDepth ? State::invalid : State::more;
    case '}':
    case ']':
      return --depth_ == 0 ? State::complete : State::more;
    default:
      return State::more;
  }
}

std::optional<nlohmann::json> parse_object(std::string_view text) {
  JsonScanner scanner;
  auto state = JsonScanner::State::more;
  for (std::size_t i = 0; i < text.size() && state == JsonScanner::State::more; ++i) {
    state = scanner.feed(text[i]);
  }
  if (state != JsonScanner::State::complete) return std::nullopt;
  nlohmann::json value = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!value.is_object()) return std::nullopt;
  return value;
}

std::string to_text(const nlohmann::json& value, bool indented) {
  return value.dump(indented ? 2 : -1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace thicket::node
