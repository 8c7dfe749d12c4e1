#include "sim/scenario_document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

namespace thicket::sim {

namespace {

using nlohmann::json;

constexpr int kMaxDepth = 16;

/// Looks at a document while it is parsed.
class DocumentCheck {
 public:
  bool operator()(int depth, json::parse_event_t event, const json& value) {
    if (!fault_.empty()) return false;
    if (depth > kMaxDepth) fault_ = fmt::format("nests more than {} levels deep", kMaxDepth);
    if (event == json::parse_event_t::object_start) keys_.emplace_back();
    if (event == json::parse_event_t::object_end) keys_.pop_back();
    if (event == json::parse_event_t::key) {
      const auto& key = value.get_ref<const std::string&>();
      if (!keys_.back().insert(key).second) {
        fault_ = fmt::format("the key {} is given twice in one object", json(key).dump());
      }
    }
    return fault_.empty();
  }
  const std::string& fault() const { return fault_; }

 private:
  std::vector<std::set<std::string>> keys_;
  std::string fault_;
};

std::vector<std::string> split(std::string_view key) {
  std::vector<std::string> parts(1);
  for (const char c : key) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

json value_of(const std::string& text) {
  json value = json::parse(text, nullptr, false);
  return value.is_discarded() ? json(text) : value;
}

/// The value in `list` that `part` names; null: it names none.
json* element(json& list, const std::string& part) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), index);
  if (error != std::errc{} || end != part.data() + part.size() || index > list.size()) {
    return nullptr;
  }
  if (index == list.size()) list.push_back(nullptr);
  return &list[index];
}

bool is_number(const std::string& part) {
  return std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
}

Result<void, std::string> apply(json& document, const std::string& key, const std::string& text) {
  const auto parts = split(key);
  const bool empty = std::ranges::any_of(parts, [](const auto& part) { return part.empty(); });
  if (empty || parts.size() > kMaxDepth) {
    return failure(
        fmt::format("\"{}\" is no key: expected names with dots between them, such as "
                    "topology.nodes",
                    key));
  }
  json* at = &document;
  for (const std::string& part : parts) {
    if (at->is_null()) *at = is_number(part) ? json::array() : json::object();
    if (at->is_object()) {
      at = &(*at)[part];
    } else if (json* next = at->is_array() ? element(*at, part) : nullptr; next != nullptr) {
      at = next;
    } else {
      return failure(fmt::format("{}: there is no \"{}\" in {}", key, part,
                                 at->is_array() ? "that list" : "what is no object"));
    }
  }
  *at = value_of(text);
  return {};
}

/// The sources of a network, and what names another than the document's.
void replace_source(json& document, const Overrides& overrides) {
  constexpr std::array<std::string_view, 3> sources{"topology", "graph", "mobility"};
  for (const auto& [key, text] : overrides) {
    for (const std::string_view source : sources) {
      const bool names_it = key == source || key == fmt::format("{}.kind", source) ||
                            key == fmt::format("{}.file", source);
      if (!names_it || text == "null") continue;
      for (const std::string_view other : sources) {
        if (other != source) document.erase(std::string(other));
      }
    }
  }
}

}  // namespace

Result<json, std::string> parse_document(std::string_view text, std::string_view name) {
  if (text.size() > kMaxScenarioBytes) {
    return failure(fmt::format("{}: found {} bytes, expected at most {}", name, text.size(),
                               kMaxScenarioBytes));
  }
  DocumentCheck check;
  const auto look = [&check](int depth, json::parse_event_t event, const json& value) {
    return check(depth, event, value);
  };
  try {
    json document = json::parse(text, look);
    if (!check.fault().empty()) return failure(fmt::format("{}: {}", name, check.fault()));
    return document;
  } catch (const json::parse_error& error) {
    if (!check.fault().empty()) return failure(fmt::format("{}: {}", name, check.fault()));
    const std::string_view before = text.substr(0, std::min<std::size_t>(error.byte, text.size()));
    return failure(fmt::format("{}:{}: expected JSON: {}", name,
                               1 + std::ranges::count(before, '\n'), error.what()));
  } catch (const json::exception& error) {
    return failure(fmt::format("{}: expected JSON: {}", name, error.what()));
  }
}

Result<void, std::string> apply_overrides(json& document, const Overrides& overrides) {
  if (!document.is_object()) return {};  // an error of its own later
  replace_source(document, overrides);
  for (const auto& [key, text] : overrides) {
    if (auto done = apply(document, key, text); !done) return done;
  }
  return {};
}

}  // namespace thicket::sim
