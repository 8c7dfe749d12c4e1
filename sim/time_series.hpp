#pragma once

#include <cstddef>
#include <vector>

#include "crypto/time.hpp"
#include "sim/ping_outcome.hpp"
#include "sim/results.hpp"

namespace thicket::sim {

/// Rows of a time series, never too many: when there are, two and two become one, and the interval
/// doubles.
class TimeSeries {
 public:
  /// `interval` above 0, `max_rows` at least 2.
  TimeSeries(Duration interval, std::size_t max_rows);

  /// Until the next row.
  Duration interval() const { return interval_; }
  void add(const Sample& sample);
  /// The rows, with the pings counted in those that they were sent in.
  std::vector<Sample> with_pings(const std::vector<PingOutcome>& outcomes) const;

 private:
  Duration interval_;
  std::size_t max_rows_;
  std::vector<Sample> rows_;
};

}  // namespace thicket::sim
