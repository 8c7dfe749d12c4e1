#include "node/monitoring/metrics_text.hpp"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "node/utf8.hpp"

namespace thicket::node {
namespace {

/// The format is UTF-8, and what it cannot have within its quotes is escaped.
void append_escaped(std::string& out, std::string_view value, bool quoted) {
  constexpr std::string_view kReplacement = "\xef\xbf\xbd";
  while (!value.empty()) {
    const std::size_t valid = valid_utf8_prefix(value);
    for (const char c : value.substr(0, valid)) {
      if (c == '\\') {
        out += "\\\\";
      } else if (c == '\n') {
        out += "\\n";
      } else if (c == '"' && quoted) {
        out += "\\\"";
      } else {
        out += c;
      }
    }
    value.remove_prefix(valid);
    if (value.empty()) return;
    out += kReplacement;
    value.remove_prefix(1);
  }
}

std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::to_string(value);
}

}  // namespace

void MetricsText::begin(std::string_view name, Type type, std::string_view help) {
  name_ = name;
  fmt::format_to(std::back_inserter(text_), "# HELP {} ", name);
  append_escaped(text_, help, false);
  fmt::format_to(std::back_inserter(text_), "\n# TYPE {} {}\n", name,
                 type == Type::counter ? "counter" : "gauge");
}

void MetricsText::labels(Labels labels) {
  text_ += name_;
  char separator = '{';
  for (const auto& [name, value] : labels) {
    text_ += separator;
    text_ += name;
    text_ += "=\"";
    append_escaped(text_, value, true);
    text_ += '"';
    separator = ',';
  }
  if (separator == ',') text_ += '}';
}

void MetricsText::sample(Labels labels_given, std::uint64_t value) {
  labels(labels_given);
  fmt::format_to(std::back_inserter(text_), " {}\n", value);
}

void MetricsText::sample(Labels labels_given, double value) {
  labels(labels_given);
  fmt::format_to(std::back_inserter(text_), " {}\n", number(value));
}

void MetricsText::counter(std::string_view name, std::string_view help, std::uint64_t value) {
  begin(name, Type::counter, help);
  sample({}, value);
}

void MetricsText::gauge(std::string_view name, std::string_view help, std::uint64_t value) {
  begin(name, Type::gauge, help);
  sample({}, value);
}

void MetricsText::gauge(std::string_view name, std::string_view help, double value) {
  begin(name, Type::gauge, help);
  sample({}, value);
}

}  // namespace thicket::node
