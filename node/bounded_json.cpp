#include "node/bounded_json.hpp"

#include <algorithm>
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
  std::size_t end = 0;
  while (end < text.size() && state == JsonScanner::State::more) state = scanner.feed(text[end++]);
  if (state != JsonScanner::State::complete) return std::nullopt;
  // The parser would take a zero byte for the end of the text: what follows is looked at here.
  if (!std::all_of(text.begin() + static_cast<std::ptrdiff_t>(end), text.end(), is_space)) {
    return std::nullopt;
  }
  nlohmann::json value =
      nlohmann::json::parse(text.substr(0, end), nullptr, /*allow_exceptions=*/false);
  if (!value.is_object()) return std::nullopt;
  return value;
}

std::string to_text(const nlohmann::json& value, bool indented) {
  return value.dump(indented ? 2 : -1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace thicket::node
