#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/figure.hpp"

namespace thicket::sim {

/// Values over simulated time, as lines.
struct LineChart {
  struct Line {
    std::string name;
    std::vector<std::optional<double>> values;  ///< one for each of `times`; none leaves a gap
  };
  std::string id;           ///< of the element; lower-case letters and dashes
  std::string title;        ///< like all texts here, plain: it is escaped
  std::string explanation;  ///< a sentence for beginners
  FigureUnit unit = FigureUnit::count;
  std::vector<double> times;  ///< seconds, ascending
  std::vector<Line> lines;    ///< at most four
};

/// Bars for named values, in the order given.
struct BarChart {
  std::string id;
  std::string title;
  std::string explanation;
  FigureUnit unit = FigureUnit::count;
  std::vector<std::pair<std::string, double>> bars;
};

/// How often values come up. The last bar holds all that are higher than the rest.
struct Histogram {
  std::string id;
  std::string title;
  std::string explanation;
  std::string value_name;  ///< "stretch"
  double low = 0;          ///< where the first bar begins
  std::vector<double> values;
};

/// Each is a <figure> with an inline SVG, or with a sentence in its place if there are no values.
std::string to_html(const LineChart& chart);
std::string to_html(const BarChart& chart);
std::string to_html(const Histogram& chart);

}  // namespace thicket::sim
