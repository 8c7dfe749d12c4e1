#pragma once

#include <concepts>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario_fields.hpp"

namespace thicket::sim {

/// Reads a struct from a JSON object: a visitor of its fields. What the object does not name keeps
/// its value. The first error stays; after it nothing is read.
class ScenarioReader {
 public:
  /// `path`: where `object` is, "traffic" or "adversaries[2]"; empty: the whole document.
  ScenarioReader(const nlohmann::json& object, std::string path, std::string& error);

  void text(std::string_view name, std::string& target, std::size_t most);
  void flag(std::string_view name, bool& target);
  void range(std::string_view name, DurationRange& target, Unit unit);

  template <class T>
  void whole(std::string_view name, T& target, std::uint64_t least, std::uint64_t most) {
    if (const auto* value = take(name); value != nullptr)
      read_whole(*value, name, target, least, most);
  }
  template <class T>
  void whole(std::string_view name, std::optional<T>& target, std::uint64_t least,
             std::uint64_t most) {
    const auto* value = take_optional(name, target);
    if (value != nullptr) read_whole(*value, name, target.emplace(), least, most);
  }
  template <class T>
  void decimal(std::string_view name, T& target, Unit unit) {
    if (const auto* value = take(name); value != nullptr) read_decimal(*value, name, target, unit);
  }
  template <class T>
  void decimal(std::string_view name, std::optional<T>& target, Unit unit) {
    const auto* value = take_optional(name, target);
    if (value != nullptr) read_decimal(*value, name, target.emplace(), unit);
  }
  template <class T, class Words>
  void choice(std::string_view name, T& target, const Words& words) {
    const auto* value = take(name);
    if (value == nullptr) return;
    std::vector<std::string_view> names;
    for (const auto& word : words) names.push_back(word.first);
    if (const auto index = word_of(*value, name, names)) target = words[*index].second;
  }
  template <class T>
  void part(std::string_view name, T& target) {
    if (const auto* value = take(name); value != nullptr) read_part(*value, place(name), target);
  }
  template <class T>
  void part(std::string_view name, std::optional<T>& target) {
    const auto* value = take_optional(name, target);
    if (value != nullptr) read_part(*value, place(name), target.emplace());
  }
  template <class T>
  void list(std::string_view name, std::vector<T>& target, std::size_t most) {
    const auto* value = take(name);
    if (value == nullptr) return;
    target.clear();
    const std::size_t size = list_size(*value, name, most);
    for (std::size_t i = 0; i < size && error_.empty(); ++i) {
      read_part(element(*value, i), place(name) + "[" + std::to_string(i) + "]",
                target.emplace_back());
    }
  }

  /// To be called once all fields were visited: whatever else the object names is an error.
  void finish();

 private:
  /// The value of a key; null: there is none, or there was an error.
  const nlohmann::json* take(std::string_view name);
  template <class T>
  const nlohmann::json* take_optional(std::string_view name, std::optional<T>& target) {
    const auto* value = take(name);
    if (value == nullptr || !is_null(*value)) return value;
    target.reset();
    return nullptr;
  }
  template <class T>
  void read_whole(const nlohmann::json& value, std::string_view name, T& target,
                  std::uint64_t least, std::uint64_t most) {
    if (const auto whole = whole_of(value, name, least, most)) target = static_cast<T>(*whole);
  }
  template <class T>
  void read_decimal(const nlohmann::json& value, std::string_view name, T& target, Unit unit) {
    if (const auto whole = decimal_of(value, place(name), unit)) from_whole(*whole, target);
  }
  template <class T>
  void read_part(const nlohmann::json& value, std::string path, T& target) {
    ScenarioReader reader(value, std::move(path), error_);
    visit_fields(reader, target);
    reader.finish();
  }

  std::optional<std::uint64_t> whole_of(const nlohmann::json& value, std::string_view name,
                                        std::uint64_t least, std::uint64_t most);
  std::optional<std::int64_t> decimal_of(const nlohmann::json& value, const std::string& path,
                                         Unit unit);
  std::optional<std::size_t> word_of(const nlohmann::json& value, std::string_view name,
                                     const std::vector<std::string_view>& words);
  std::size_t list_size(const nlohmann::json& value, std::string_view name, std::size_t most);
  static const nlohmann::json& element(const nlohmann::json& list, std::size_t index);
  static bool is_null(const nlohmann::json& value);
  std::string place(std::string_view name) const;
  void wrong(const std::string& path, const nlohmann::json& found, std::string_view expected);

  const nlohmann::json& object_;
  std::string path_;
  std::string& error_;
  std::vector<std::string_view> known_;
};

}  // namespace thicket::sim
