#include "sim/scenario_reader.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "program/suggestion.hpp"
#include "sim/number_text.hpp"

namespace thicket::sim {

namespace {

using nlohmann::json;

/// A value as an error shows it, cut short.
std::string shown(const json& value) {
  constexpr std::size_t kMostShown = 60;
  if (value.is_object()) return "an object";
  if (value.is_array()) return fmt::format("a list of {}", value.size());
  std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  if (text.size() > kMostShown) text = text.substr(0, kMostShown) + "…";
  return text;
}

std::string limits_of(Unit unit) {
  return fmt::format("a number from {} to {}", format_decimal(unit.least, unit.decimals),
                     format_decimal(unit.most, unit.decimals));
}

}  // namespace

ScenarioReader::ScenarioReader(const json& object, std::string path, std::string& error)
    : object_(object), path_(std::move(path)), error_(error) {
  if (!object_.is_object()) wrong(path_, object_, "an object");
}

void ScenarioReader::finish() {
  if (!error_.empty()) return;
  for (const auto& [key, value] : object_.items()) {
    if (std::ranges::find(known_, key) != known_.end()) continue;
    const std::string_view meant = program::nearest(key, known_);
    const std::string advice = meant.empty()
                                   ? fmt::format("expected one of {}", fmt::join(known_, ", "))
                                   : fmt::format("did you mean \"{}\"?", meant);
    error_ = fmt::format("{}: there is no such key: {}",
                         path_.empty() ? json(key).dump() : place(json(key).dump()), advice);
    return;
  }
}

void ScenarioReader::text(std::string_view name, std::string& target, std::size_t most) {
  const json* value = take(name);
  if (value == nullptr) return;
  if (!value->is_string() || value->get_ref<const std::string&>().size() > most) {
    return wrong(place(name), *value, fmt::format("a string of at most {} bytes", most));
  }
  target = value->get<std::string>();
}

void ScenarioReader::flag(std::string_view name, bool& target) {
  const json* value = take(name);
  if (value == nullptr) return;
  if (!value->is_boolean()) return wrong(place(name), *value, "true or false");
  target = value->get<bool>();
}

void ScenarioReader::range(std::string_view name, DurationRange& target, Unit unit) {
  const json* value = take(name);
  if (value == nullptr) return;
  const bool pair = value->is_array() && value->size() == 2;
  if (!pair && !value->is_number()) {
    return wrong(place(name), *value, limits_of(unit) + ", or [least, most]");
  }
  const auto low = decimal_of(pair ? (*value)[0] : *value, place(name), unit);
  const auto high = decimal_of(pair ? (*value)[1] : *value, place(name), unit);
  if (!low || !high) return;
  if (*low > *high) {
    error_ = fmt::format("{}: found {}, expected the lower end first", place(name), value->dump());
    return;
  }
  target = {Duration(*low), Duration(*high)};
}

const json* ScenarioReader::take(std::string_view name) {
  known_.push_back(name);
  if (!error_.empty()) return nullptr;
  const auto found = object_.find(name);
  return found == object_.end() ? nullptr : &*found;
}

std::optional<std::uint64_t> ScenarioReader::whole_of(const json& value, std::string_view name,
                                                      std::uint64_t least, std::uint64_t most) {
  if (value.is_number_unsigned()) {
    const auto whole = value.get<std::uint64_t>();
    if (whole >= least && whole <= most) return whole;
  }
  wrong(place(name), value, fmt::format("a whole number from {} to {}", least, most));
  return std::nullopt;
}

std::optional<std::int64_t> ScenarioReader::decimal_of(const json& value, const std::string& path,
                                                       Unit unit) {
  if (value.is_number()) {
    double scale = 1;  // a power of ten up to 10^9 is exact
    for (int i = 0; i < unit.decimals; ++i) scale *= 10;
    const double scaled = value.get<double>() * scale;
    if (scaled >= static_cast<double>(unit.least) - 0.5 &&
        scaled <= static_cast<double>(unit.most) + 0.5) {
      const auto whole = static_cast<std::int64_t>(std::llround(scaled));
      if (whole >= unit.least && whole <= unit.most) return whole;
    }
  }
  wrong(path, value, limits_of(unit));
  return std::nullopt;
}

std::optional<std::size_t> ScenarioReader::word_of(const json& value, std::string_view name,
                                                   const std::vector<std::string_view>& words) {
  if (value.is_string()) {
    const auto found = std::ranges::find(words, value.get_ref<const std::string&>());
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  }
  wrong(place(name), value, fmt::format("\"{}\"", fmt::join(words, "\" or \"")));
  return std::nullopt;
}

std::size_t ScenarioReader::list_size(const json& value, std::string_view name, std::size_t most) {
  if (value.is_array() && value.size() <= most) return value.size();
  wrong(place(name), value, fmt::format("a list of at most {} objects", most));
  return 0;
}

const json& ScenarioReader::element(const json& list, std::size_t index) {
  return list[index];
}

bool ScenarioReader::is_null(const json& value) {
  return value.is_null();
}

std::string ScenarioReader::place(std::string_view name) const {
  return path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name);
}

void ScenarioReader::wrong(const std::string& path, const json& found, std::string_view expected) {
  if (!error_.empty()) return;
  error_ = fmt::format("{}found {}, expected {}", path.empty() ? "" : path + ": ", shown(found),
                       expected);
}

}  // namespace thicket::sim
