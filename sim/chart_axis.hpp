#pragma once

#include <string>
#include <vector>

#include "sim/figure.hpp"

namespace thicket::sim {

/// An axis from 0 to somewhere round.
struct ChartAxis {
  struct Tick {
    double value = 0;
    std::string label;
  };
  double high = 1;          ///< where it ends, above 0
  std::string unit;         ///< that the labels are in: "kB/s"; may be empty
  std::vector<Tick> ticks;  ///< ascending, the first at 0
};

/// An axis that reaches at least `high`, with about `count` steps. A share ends at 1 at most.
ChartAxis value_axis(double high, FigureUnit unit, int count = 5);
/// An axis of simulated time that ends at `seconds` exactly.
ChartAxis time_axis(double seconds, int count = 6);

}  // namespace thicket::sim
