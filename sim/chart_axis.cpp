#include "sim/chart_axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace thicket::sim {

namespace {

// The least of 1, 2, 5 times a power of ten that makes at most `count` steps to `high`.
double round_step(double high, int count) {
  const double rough = high / count;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough * (1 - 1e-9)) return factor * power;
  }
  return 10 * power;
}

std::string tick_label(double value) {
  std::string text = fmt::format("{:.6f}", value);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

struct Scale {
  double factor;
  std::string unit;
};

Scale scale_of(double high, FigureUnit unit) {
  if (unit == FigureUnit::share) return {100, "%"};
  if (unit == FigureUnit::seconds) return {1, "s"};
  if (unit == FigureUnit::milliseconds) return {1, "ms"};
  if (unit != FigureUnit::bytes && unit != FigureUnit::bytes_per_s) return {1, ""};
  const std::string name = unit == FigureUnit::bytes ? "B" : "B/s";
  if (high >= 2e9) return {1e-9, fmt::format("G{}", name)};
  if (high >= 2e6) return {1e-6, fmt::format("M{}", name)};
  if (high >= 2e3) return {1e-3, fmt::format("k{}", name)};
  return {1, name};
}

}  // namespace

ChartAxis value_axis(double high, FigureUnit unit, int count) {
  if (!(high > 0) || !std::isfinite(high)) high = 1;
  const Scale scale = scale_of(high, unit);
  double step = round_step(high * scale.factor, count);
  if (unit == FigureUnit::count) step = std::max(step, 1.0);  // there is no half a thing
  const double steps = std::ceil(high * scale.factor / step - 1e-9);
  ChartAxis axis;
  axis.unit = scale.unit;
  axis.high = steps * step / scale.factor;
  for (int i = 0; i <= static_cast<int>(steps); ++i) {
    axis.ticks.push_back({i * step / scale.factor, tick_label(i * step)});
  }
  return axis;
}

ChartAxis time_axis(double seconds, int count) {
  if (!(seconds > 0) || !std::isfinite(seconds)) seconds = 1;
  const bool hours = seconds > 10800;
  const bool minutes = !hours && seconds > 240;
  const double unit = hours ? 3600 : minutes ? 60 : 1;
  double step = round_step(seconds / unit, count);
  // 15 and 30 are rounder than 20 and 50 on a clock's face.
  if (!minutes && !hours) {
    for (const double round : {15.0, 30.0, 60.0}) {
      if (round >= seconds / count && round < step * 1.6 && step >= 10) {
        step = round;
        break;
      }
    }
  }
  ChartAxis axis;
  axis.unit = hours ? "h" : minutes ? "min" : "s";
  axis.high = seconds;
  for (int i = 0; i * step * unit <= seconds * (1 + 1e-9); ++i) {
    axis.ticks.push_back({i * step * unit, tick_label(i * step)});
  }
  return axis;
}

}  // namespace thicket::sim
