#include "sim/paced.hpp"

#include <algorithm>
#include <utility>

#include "crypto/invariant.hpp"

namespace thicket::sim {

Paced::Paced(Simulation& simulation, const Pace& pace, Duration round, Prng random,
             std::function<void(std::uint64_t)> action)
    : simulation_(simulation),
      pace_(pace),
      round_(round),
      random_(random),
      action_(std::move(action)) {
  INVARIANT(round_ > Duration{});
}

void Paced::begin(Instant end) {
  end_ = end;
  simulation_.after(pace_.from, [this] { begin_round(); });
}

void Paced::begin_round() {
  const bool more = pace_.rounds ? rounds_begun_ < *pace_.rounds : endless_ || rounds_begun_ == 0;
  round_start_ = simulation_.now().steady;
  if (!more || round_start_ >= end_) return;
  ++rounds_begun_;
  const std::int64_t count = pace_.count;
  moments_.clear();
  for (std::int64_t i = 0; i < count; ++i) {
    moments_.push_back(pace_.evenly ? round_ / count * i + round_ % count * i / count
                                    : random_.uniform(Duration{}, round_ - Duration(1)));
  }
  std::ranges::sort(moments_);
  next_ = 0;
  simulation_.at(round_start_ + moments_[0], [this] { call_next(); });
  simulation_.at(round_start_ + round_, [this] { begin_round(); });
}

void Paced::call_next() {
  if (simulation_.now().steady >= end_) return;
  ++next_;
  if (next_ < moments_.size()) {
    simulation_.at(round_start_ + moments_[next_], [this] { call_next(); });
  }
  action_(calls_++);
}

}  // namespace thicket::sim
