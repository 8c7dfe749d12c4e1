#include "sim/scenario_writer.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/number_text.hpp"

namespace thicket::sim {

using nlohmann::json;

void ScenarioWriter::text(std::string_view name, const std::string& value, std::size_t) {
  put(name, json(value).dump(-1, ' ', false, json::error_handler_t::replace));
}

void ScenarioWriter::flag(std::string_view name, bool value) {
  put(name, value ? "true" : "false");
}

void ScenarioWriter::range(std::string_view name, const DurationRange& value, Unit unit) {
  const std::string low = number(value.low.count(), unit);
  if (value.low == value.high) return put(name, low);
  put(name, fmt::format("[{}, {}]", low, number(value.high.count(), unit)));
}

void ScenarioWriter::put(std::string_view name, std::string_view value) {
  out_ += fmt::format("{}\n{:{}}\"{}\": {}", out_.empty() ? "" : ",", "", 2 * depth_, name, value);
}

std::string ScenarioWriter::number(std::int64_t whole, Unit unit) {
  return format_decimal(whole, unit.decimals);
}

std::string ScenarioWriter::finish() const {
  return fmt::format("{{{}\n{:{}}}}", out_, "", 2 * (depth_ - 1));
}

std::string to_json(const Scenario& scenario) {
  Scenario copy = scenario;  // one function visits fields to read and to write them
  ScenarioWriter writer;
  visit_fields(writer, copy);
  return writer.finish() + "\n";
}

bool Scenario::operator==(const Scenario& other) const {
  return to_json(*this) == to_json(other);
}

}  // namespace thicket::sim
