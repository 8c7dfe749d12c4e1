#include "sim/report_charts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "sim/chart_axis.hpp"
#include "sim/html.hpp"

namespace thicket::sim {

namespace {

// Of the drawing, in its own units; the browser stretches it to the width there is.
constexpr double kWidth = 440;
constexpr double kHeight = 240;
constexpr double kLeft = 46;
constexpr double kRight = 14;
constexpr double kTop = 22;
constexpr double kBottom = 40;
constexpr double kPlotWidth = kWidth - kLeft - kRight;
constexpr double kPlotHeight = kHeight - kTop - kBottom;

template <class Chart>
std::string figure(const Chart& chart, const std::string& legend, const std::string& drawing) {
  return fmt::format(
      "<figure class=\"card chart\" id=\"{}\">\n<figcaption><h3>{}</h3><p>{}</p>{}</figcaption>\n"
      "{}</figure>\n",
      chart.id, html_escape(chart.title), html_escape(chart.explanation), legend, drawing);
}

std::string nothing(std::string_view why) {
  return fmt::format("<p class=\"nothing\">{}</p>\n", html_escape(why));
}

std::string open_svg(std::string_view title, double height = kHeight) {
  return fmt::format("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">\n", kWidth,
                     svg_number(height), html_escape(title));
}

double x_at(double value, const ChartAxis& axis) {
  return kLeft + kPlotWidth * value / axis.high;
}
double y_at(double value, const ChartAxis& axis) {
  return kTop + kPlotHeight * (1 - value / axis.high);
}

std::string value_grid(const ChartAxis& axis) {
  std::string out;
  for (const auto& tick : axis.ticks) {
    const std::string y = svg_number(y_at(tick.value, axis));
    out += fmt::format(
        "<path class=\"{}\" d=\"M{} {}H{}\"/>"
        "<text class=\"tick\" text-anchor=\"end\" x=\"{}\" y=\"{}\" dy=\".35em\">{}</text>\n",
        tick.value == 0 ? "axis" : "grid", kLeft, y, kWidth - kRight, kLeft - 6, y, tick.label);
  }
  if (!axis.unit.empty()) {
    out += fmt::format("<text class=\"tick\" text-anchor=\"end\" x=\"{}\" y=\"10\">{}</text>\n",
                       kLeft - 6, axis.unit);
  }
  return out;
}

std::string bottom_axis(const ChartAxis& axis, double origin, const std::string& name) {
  std::string out;
  for (const auto& tick : axis.ticks) {
    const std::string x = svg_number(x_at(tick.value - origin, axis));
    out += fmt::format(
        "<path class=\"axis\" d=\"M{} {}v4\"/>"
        "<text class=\"tick\" text-anchor=\"middle\" x=\"{}\" y=\"{}\">{}</text>\n",
        x, kTop + kPlotHeight, x, kTop + kPlotHeight + 16, tick.label);
  }
  out += fmt::format("<text class=\"name\" text-anchor=\"middle\" x=\"{}\" y=\"{}\">{}</text>\n",
                     svg_number(kLeft + kPlotWidth / 2), kHeight - 5, html_escape(name));
  return out;
}

std::string path_of(const LineChart& chart, const LineChart::Line& line, const ChartAxis& time,
                    const ChartAxis& axis, std::size_t number) {
  std::string path;
  std::string dots;
  for (std::size_t i = 0; i < chart.times.size(); ++i) {
    if (!line.values[i]) continue;
    const bool joined = i > 0 && line.values[i - 1];
    const bool goes_on = i + 1 < chart.times.size() && line.values[i + 1];
    const std::string x = svg_number(x_at(chart.times[i], time));
    const std::string y = svg_number(y_at(*line.values[i], axis));
    path += fmt::format("{}{} {}", joined ? 'L' : 'M', x, y);
    if (!joined && !goes_on) {
      dots +=
          fmt::format("<circle class=\"dot c{}\" cx=\"{}\" cy=\"{}\" r=\"2.5\"/>\n", number, x, y);
    }
  }
  return fmt::format("<path class=\"line s{}\" d=\"{}\"/>\n{}", number, path, dots);
}

// A column over each moment, which shows its values when pointed at.
std::string columns_of(const LineChart& chart, const ChartAxis& time) {
  std::string out;
  const auto middle = [&](std::size_t i) {
    return (x_at(chart.times[i], time) + x_at(chart.times[i + 1], time)) / 2;
  };
  for (std::size_t i = 0; i < chart.times.size(); ++i) {
    std::string tip = readable(chart.times[i], FigureUnit::seconds);
    for (const auto& line : chart.lines) {
      const std::string name = chart.lines.size() > 1 ? fmt::format("{}: ", line.name) : "";
      tip += fmt::format("\n{}{}", name, readable(line.values[i], chart.unit));
    }
    const double from = i == 0 ? x_at(chart.times[i], time) - 2 : middle(i - 1);
    const double to = i + 1 == chart.times.size() ? x_at(chart.times[i], time) + 2 : middle(i);
    out += fmt::format(
        "<rect class=\"hit\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" data-tip=\"{}\"/>\n",
        svg_number(from), kTop, svg_number(to - from), svg_number(kPlotHeight), html_escape(tip));
  }
  return out;
}

std::string legend_of(const LineChart& chart) {
  if (chart.lines.size() < 2) return {};
  std::string out = "<ul class=\"legend\">";
  for (std::size_t i = 0; i < chart.lines.size(); ++i) {
    out += fmt::format("<li><i class=\"b{}\"></i>{}</li>", i + 1, html_escape(chart.lines[i].name));
  }
  return out + "</ul>";
}

}  // namespace

std::string to_html(const LineChart& chart) {
  double high = 0;
  bool any = false;
  for (const auto& line : chart.lines) {
    for (const auto& value : line.values) {
      if (!value) continue;
      high = std::max(high, *value);
      any = true;
    }
  }
  if (!any) return figure(chart, {}, nothing("Nothing of this kind was measured in this run."));
  // Shares are compared with all of it; a count is seen against a little head room.
  const ChartAxis axis =
      value_axis(chart.unit == FigureUnit::share ? 1 : std::max(high * 1.05, 1e-9), chart.unit);
  const ChartAxis time = time_axis(chart.times.back());
  std::string svg = open_svg(chart.title) + value_grid(axis);
  svg += bottom_axis(time, 0, fmt::format("simulated time, {}", time.unit));
  for (std::size_t i = 0; i < chart.lines.size(); ++i) {
    svg += path_of(chart, chart.lines[i], time, axis, i + 1);
  }
  svg += columns_of(chart, time) + "</svg>\n";
  return figure(chart, legend_of(chart), svg);
}

std::string to_html(const BarChart& chart) {
  double high = 0;
  double sum = 0;
  for (const auto& [name, value] : chart.bars) {
    high = std::max(high, value);
    sum += value;
  }
  if (high <= 0) return figure(chart, {}, nothing("None."));
  constexpr double kRow = 26;
  constexpr double kNames = 128;
  constexpr double kValues = 84;
  std::string svg = open_svg(chart.title, kRow * static_cast<double>(chart.bars.size()) + 8);
  for (std::size_t i = 0; i < chart.bars.size(); ++i) {
    const auto& [name, value] = chart.bars[i];
    const double y = 4 + kRow * static_cast<double>(i);
    const double width = (kWidth - kNames - kValues) * value / high;
    const std::string text = readable(value, chart.unit);
    svg += fmt::format(
        "<g data-tip=\"{}\"><rect class=\"hit\" x=\"0\" y=\"{}\" width=\"{}\" height=\"{}\"/>"
        "<text class=\"label\" text-anchor=\"end\" x=\"{}\" y=\"{}\" dy=\".35em\">{}</text>"
        "<rect class=\"bar\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"2\"/>"
        "<text class=\"value\" x=\"{}\" y=\"{}\" dy=\".35em\">{}</text></g>\n",
        html_escape(fmt::format("{}\n{} ({} of all)", name, text,
                                readable(value / sum, FigureUnit::share))),
        svg_number(y), kWidth, kRow, kNames - 8, svg_number(y + kRow / 2), html_escape(name),
        kNames, svg_number(y + 4), svg_number(std::max(width, value > 0 ? 1.0 : 0.0)), kRow - 8,
        svg_number(kNames + width + 6), svg_number(y + kRow / 2), text);
  }
  return figure(chart, {}, svg + "</svg>\n");
}

std::string to_html(const Histogram& chart) {
  if (chart.values.empty()) {
    return figure(chart, {}, nothing("Nothing of this kind was measured in this run."));
  }
  constexpr std::size_t kBars = 20;
  std::vector<double> sorted = chart.values;
  std::ranges::sort(sorted);
  // A few far outliers would squeeze all the rest into one bar.
  const double most = sorted[(sorted.size() - 1) * 99 / 100];
  const ChartAxis span = value_axis(std::max(most - chart.low, 0.5), FigureUnit::ratio, 5);
  const double width = span.high / kBars;
  std::vector<std::size_t> counts(kBars);
  for (const double value : sorted) {
    const double place = std::max((value - chart.low) / width + 1e-9, 0.0);
    ++counts[std::min(static_cast<std::size_t>(place), kBars - 1)];
  }
  const double all = static_cast<double>(sorted.size());
  const double high = static_cast<double>(*std::ranges::max_element(counts)) / all;
  const ChartAxis axis = value_axis(high, FigureUnit::share);
  ChartAxis bottom = span;
  for (auto& tick : bottom.ticks) {
    tick.value += chart.low;
    tick.label = readable(tick.value, FigureUnit::ratio);
  }
  std::string svg = open_svg(chart.title) + value_grid(axis);
  svg += bottom_axis(bottom, chart.low, chart.value_name);
  for (std::size_t i = 0; i < kBars; ++i) {
    const double share = static_cast<double>(counts[i]) / all;
    const double from = chart.low + width * static_cast<double>(i);
    const bool last = i + 1 == kBars && sorted.back() >= from + width;
    const std::string range = last ? fmt::format("{} and more", readable(from, FigureUnit::ratio))
                                   : fmt::format("{} to {}", readable(from, FigureUnit::ratio),
                                                 readable(from + width, FigureUnit::ratio));
    const double x = x_at(from - chart.low, span);
    const double bar = kPlotWidth / kBars;
    svg += fmt::format(
        "<g data-tip=\"{}\"><rect class=\"hit\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>"
        "<rect class=\"bar\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/></g>\n",
        html_escape(fmt::format("{} {}\n{} of all ({})", chart.value_name, range,
                                readable(share, FigureUnit::share), counts[i])),
        svg_number(x), kTop, svg_number(bar), svg_number(kPlotHeight), svg_number(x + 1),
        svg_number(y_at(share, axis)), svg_number(bar - 2),
        svg_number(kPlotHeight * share / axis.high));
  }
  return figure(chart, {}, svg + "</svg>\n");
}

}  // namespace thicket::sim
