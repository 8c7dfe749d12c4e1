#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario_fields.hpp"

namespace thicket::sim {

/// Writes a struct as JSON: a visitor of its fields.
class ScenarioWriter {
 public:
  explicit ScenarioWriter(int depth = 1) : depth_(depth) {}

  void text(std::string_view name, const std::string& value, std::size_t most);
  void flag(std::string_view name, bool value);
  void range(std::string_view name, const DurationRange& value, Unit unit);
  template <class T>
  void whole(std::string_view name, T value, std::uint64_t, std::uint64_t) {
    put(name, std::to_string(value));
  }
  template <class T>
  void whole(std::string_view name, const std::optional<T>& value, std::uint64_t, std::uint64_t) {
    put(name, value ? std::to_string(*value) : "null");
  }
  template <class T>
  void decimal(std::string_view name, T value, Unit unit) {
    put(name, number(to_whole(value), unit));
  }
  template <class T>
  void decimal(std::string_view name, const std::optional<T>& value, Unit unit) {
    put(name, value ? number(to_whole(*value), unit) : "null");
  }
  template <class T, class Words>
  void choice(std::string_view name, T value, const Words& words) {
    for (const auto& word : words) {
      if (word.second == value) return text(name, std::string(word.first), 0);
    }
  }
  template <class T>
  void part(std::string_view name, T& value) {
    put(name, object(value));
  }
  template <class T>
  void part(std::string_view name, std::optional<T>& value) {
    put(name, value ? object(*value) : "null");
  }
  template <class T>
  void list(std::string_view name, std::vector<T>& values, std::size_t) {
    std::string out = "[";
    for (T& value : values) out += (out.size() > 1 ? ", " : "") + object(value);
    put(name, out + "]");
  }

  /// The object that was written.
  std::string finish() const;

 private:
  void put(std::string_view name, std::string_view value);
  static std::string number(std::int64_t whole, Unit unit);
  template <class T>
  std::string object(T& value) const {
    ScenarioWriter writer(depth_ + 1);
    visit_fields(writer, value);
    return writer.finish();
  }

  int depth_;
  std::string out_;
};

}  // namespace thicket::sim
