#include "sim/time_series.hpp"

#include <algorithm>
#include <chrono>

#include "crypto/invariant.hpp"

namespace thicket::sim {

namespace {

/// What two rows in succession are together; `start_s`: the time of the row before them.
Sample merged(const Sample& first, const Sample& second, double start_s) {
  Sample both = second;
  const double first_s = first.time_s - start_s;
  const double second_s = second.time_s - first.time_s;
  const auto mean = [&](double a, double b) {
    const double total = first_s + second_s;
    return total > 0 ? (a * first_s + b * second_s) / total : b;
  };
  both.control_bytes_per_node_s =
      mean(first.control_bytes_per_node_s, second.control_bytes_per_node_s);
  both.traffic_bytes_per_node_s =
      mean(first.traffic_bytes_per_node_s, second.traffic_bytes_per_node_s);
  both.position_changes += first.position_changes;
  both.lookups += first.lookups;
  return both;
}

}  // namespace

TimeSeries::TimeSeries(Duration interval, std::size_t max_rows)
    : interval_(interval), max_rows_(max_rows) {
  INVARIANT(interval > Duration{} && max_rows >= 2);
}

void TimeSeries::add(const Sample& sample) {
  if (rows_.size() == max_rows_) {
    std::vector<Sample> halved;
    for (std::size_t i = 0; i + 1 < rows_.size(); i += 2) {
      const double start_s = i == 0 ? 0 : rows_[i - 1].time_s;
      halved.push_back(merged(rows_[i], rows_[i + 1], start_s));
    }
    if (rows_.size() % 2 == 1) halved.push_back(rows_.back());
    rows_ = std::move(halved);
    interval_ *= 2;
  }
  rows_.push_back(sample);
}

std::vector<Sample> TimeSeries::with_pings(const std::vector<PingOutcome>& outcomes) const {
  std::vector<Sample> rows = rows_;
  for (const PingOutcome& outcome : outcomes) {
    if (!outcome.possible) continue;
    const double sent_s = std::chrono::duration<double>(outcome.sent_at).count();
    // A ping of the very moment of a row was sent after it.
    const auto row = std::ranges::upper_bound(rows, sent_s, {}, &Sample::time_s);
    if (row == rows.end()) continue;
    ++row->pings_sent;
    if (outcome.answered) ++row->pings_answered;
  }
  return rows;
}

}  // namespace thicket::sim
