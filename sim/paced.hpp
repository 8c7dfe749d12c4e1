#pragma once

#include <functional>
#include <vector>

#include "sim/prng.hpp"
#include "sim/scenario_disturbances.hpp"
#include "sim/simulation.hpp"

namespace thicket::sim {

/// Calls something `count` times in every round. Must outlive the simulation's running.
class Paced {
 public:
  /// `round`: the length of a round, above 0. `action` is handed the number of the call.
  Paced(Simulation& simulation, const Pace& pace, Duration round, Prng random,
        std::function<void(std::uint64_t)> action);

  /// Times of the pace count from now. No call is made at `end` or later.
  void begin(Instant end);
  /// Rounds take place while there is time if the pace does not say how many.
  void repeat_until_end() { endless_ = true; }

 private:
  void begin_round();
  void call_next();

  Simulation& simulation_;
  Pace pace_;
  Duration round_;
  Prng random_;
  std::function<void(std::uint64_t)> action_;
  bool endless_ = false;
  Instant end_{};
  Instant round_start_{};
  std::uint32_t rounds_begun_ = 0;
  std::vector<Duration> moments_;  ///< of this round, in ascending order
  std::size_t next_ = 0;
  std::uint64_t calls_ = 0;
};

}  // namespace thicket::sim
