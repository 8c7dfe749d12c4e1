#include "sim/sweep_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/result_table.hpp"

namespace thicket::sim {

namespace {

struct Column {
  const char* key;
  const char* heading;
};
constexpr std::array kMainFigures{Column{"converged_s", "converged after"},
                                  Column{"delivery", "delivery"},
                                  Column{"stretch_hops_mean", "stretch (hops)"},
                                  Column{"stretch_latency_mean", "stretch (latency)"},
                                  Column{"control_bytes_per_node_s", "control per node"},
                                  Column{"state_bytes_per_node", "state per node"}};

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
  return out;
}

const Figure* find(const SweepRow& row, std::string_view key) {
  const auto found = std::ranges::find(row.figures, key, &Figure::key);
  return found == row.figures.end() ? nullptr : &*found;
}

void add_once(std::vector<std::string>& keys, const std::string& key) {
  if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
}

std::string override_of(const SweepPoint& point, const std::string& key) {
  for (const auto& [name, value] : point.overrides) {
    if (name == key) return value;
  }
  return {};
}

// "12.3 s (11 s - 14 s)"; runs that lack the figure are counted.
std::string spread_of(const std::vector<const SweepRow*>& rows, const char* key) {
  std::vector<double> values;
  for (const SweepRow* row : rows) {
    const Figure* figure = find(*row, key);
    if (figure != nullptr && figure->value) values.push_back(*figure->value);
  }
  if (values.empty()) return "-";
  const FigureUnit unit = figure_kind(key).unit;
  double sum = 0;
  for (const double value : values) sum += value;
  std::string text = readable(sum / static_cast<double>(values.size()), unit);
  if (values.size() > 1) {
    const auto [low, high] = std::ranges::minmax(values);
    text += fmt::format(" ({} - {})", readable(low, unit), readable(high, unit));
  }
  if (values.size() < rows.size()) text += fmt::format(" [{} of {}]", values.size(), rows.size());
  return text;
}

}  // namespace

std::string sweep_csv(const std::vector<SweepRow>& rows) {
  std::vector<std::string> parameters;
  std::vector<std::string> keys;
  for (const SweepRow& row : rows) {
    for (const auto& [key, value] : row.point->overrides) add_once(parameters, key);
    for (const Figure& figure : row.figures) add_once(keys, figure.key);
  }
  // A parameter that is also a figure, like the seed, stands there once.
  std::erase_if(keys, [&](const std::string& key) {
    return std::ranges::find(parameters, key) != parameters.end();
  });
  std::string out = "point,exit_status";
  for (const auto* list : {&parameters, &keys}) {
    for (const std::string& key : *list) out += fmt::format(",{}", csv_cell(key));
  }
  out += '\n';
  for (const SweepRow& row : rows) {
    out += fmt::format("{},{}", csv_cell(row.point->name), row.status);
    for (const std::string& key : parameters) {
      out += fmt::format(",{}", csv_cell(override_of(*row.point, key)));
    }
    for (const std::string& key : keys) {
      const Figure* figure = find(row, key);
      out += fmt::format(",{}", figure == nullptr ? "" : csv_cell(figure->text));
    }
    out += '\n';
  }
  return out;
}

std::string sweep_table(const std::vector<SweepRow>& rows) {
  std::vector<std::string> groups;
  for (const SweepRow& row : rows) add_once(groups, row.point->group);
  std::vector<std::vector<std::string>> table;
  auto& heading = table.emplace_back();
  heading = {"mean (lowest - highest)", "runs"};
  for (const Column& column : kMainFigures) heading.emplace_back(column.heading);
  for (const std::string& group : groups) {
    std::vector<const SweepRow*> good;
    for (const SweepRow& row : rows) {
      if (row.point->group == group && row.status == 0) good.push_back(&row);
    }
    auto& line = table.emplace_back();
    line = {group, fmt::to_string(good.size())};
    for (const Column& column : kMainFigures) line.push_back(spread_of(good, column.key));
  }
  return text_columns(table);
}

}  // namespace thicket::sim
