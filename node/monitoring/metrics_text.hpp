#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace thicket::node {

/// Writes samples in the text format of Prometheus, version 0.0.4.
class MetricsText {
 public:
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";
  enum class Type { counter, gauge };
  /// Names and values; any bytes will do for a value.
  using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

  /// Begins the metric that the samples from here on are of. Counters must end with _total.
  void begin(std::string_view name, Type type, std::string_view help);
  /// No two of one metric may have the same labels.
  void sample(Labels labels, std::uint64_t value);
  void sample(Labels labels, double value);

  // A metric with one sample and no labels.
  void counter(std::string_view name, std::string_view help, std::uint64_t value);
  void gauge(std::string_view name, std::string_view help, std::uint64_t value);
  void gauge(std::string_view name, std::string_view help, double value);

  const std::string& text() const { return text_; }
  std::string take() && { return std::move(text_); }

 private:
  void labels(Labels labels);

  std::string text_;
  std::string name_;
};

}  // namespace thicket::node
