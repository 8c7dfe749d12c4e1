#include "node/config/hjson.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "node/config/hjson_reader.hpp"
#include "node/utf8.hpp"

namespace thicket::node {

namespace {

std::size_t line_at(std::string_view text, std::size_t position) {
  const auto lines =
      std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(position), '\n');
  return static_cast<std::size_t>(lines) + 1;
}

}  // namespace

Result<HjsonValue, HjsonError> parse_hjson(std::string_view text) {
  if (text.size() > kMaxHjsonBytes) {
    return failure(HjsonError{0, std::to_string(text.size()) + " bytes",
                              "at most " + std::to_string(kMaxHjsonBytes)});
  }
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff")) {
    return failure(HjsonError{1, "UTF-16 text", "UTF-8 text"});
  }
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());

  const std::size_t valid = valid_utf8_prefix(text);
  if (valid != text.size()) {
    return failure(HjsonError{line_at(text, valid), "bytes that are no UTF-8", "UTF-8 text"});
  }
  const std::size_t nul = text.find('\0');
  if (nul != std::string_view::npos) {
    return failure(HjsonError{line_at(text, nul), "a NUL byte", "UTF-8 text"});
  }
  return HjsonReader(text).root();
}

nlohmann::json to_json(const HjsonValue& value) {
  struct Visitor {
    nlohmann::json operator()(const HjsonValue::Array& array) const {
      nlohmann::json out = nlohmann::json::array();
      for (const HjsonValue& element : array) out.push_back(to_json(element));
      return out;
    }
    nlohmann::json operator()(const HjsonValue::Object& object) const {
      nlohmann::json out = nlohmann::json::object();
      for (const HjsonMember& member : object) out[member.key] = to_json(member.value);
      return out;
    }
    nlohmann::json operator()(std::nullptr_t) const { return nullptr; }
    nlohmann::json operator()(bool truth) const { return truth; }
    nlohmann::json operator()(std::int64_t number) const { return number; }
    nlohmann::json operator()(std::uint64_t number) const { return number; }
    nlohmann::json operator()(double number) const { return number; }
    nlohmann::json operator()(const std::string& text) const { return text; }
  };
  return std::visit(Visitor{}, value.data);
}

}  // namespace thicket::node
