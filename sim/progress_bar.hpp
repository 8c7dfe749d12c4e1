#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "sim/run.hpp"

namespace thicket::sim {

/// "[#####.....]  48 %  14 s of 30 s simulated, 152 k events/s, 9 s left"; without the bar if the
/// length of the run is not known.
std::string progress_text(const Progress& progress, double wall_s);

/// Shows on standard error how far a run is: as a bar on a terminal, else as a line now and then.
class ProgressBar {
 public:
  ProgressBar();
  /// Removes the bar.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void show(const Progress& progress);

 private:
  using Clock = std::chrono::steady_clock;
  bool terminal_;
  bool shown_ = false;
  Clock::time_point start_ = Clock::now();
  std::optional<Clock::time_point> last_;
};

}  // namespace thicket::sim
