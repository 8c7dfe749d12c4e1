#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A reader of the Prometheus text format 0.0.4 that is as strict as `promtool check metrics`.
namespace thicket::node::testing {

using MetricLabels = std::map<std::string, std::string>;

struct MetricFamily {
  std::string type;
  std::string help;
  std::vector<std::pair<MetricLabels, double>> samples;
};

struct PrometheusPage {
  std::map<std::string, MetricFamily> families;
  std::vector<std::string> faults;  ///< what is wrong, one sentence each

  /// The value with exactly these labels.
  std::optional<double> value(const std::string& name, const MetricLabels& labels = {}) const;
  /// Of all samples.
  double sum(const std::string& name) const;
};

PrometheusPage read_prometheus(const std::string& text);

}  // namespace thicket::node::testing
