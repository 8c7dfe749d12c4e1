#include "sim/churn.hpp"

#include <algorithm>
#include <numeric>

namespace thicket::sim {

ChurnProcess::ChurnProcess(Simulation& simulation, const Churn& options, std::size_t nodes,
                           Prng random)
    : simulation_(simulation), options_(options), members_(nodes) {
  std::iota(members_.begin(), members_.end(), NodeIndex{0});
  random.shuffle(std::span(members_));
  members_.resize((nodes * options.share_ppm + 999'999) / 1'000'000);
  std::ranges::sort(members_);
  for (const NodeIndex node : members_) random_.push_back(random.fork(node));
}

void ChurnProcess::begin(Instant end) {
  const Instant now = simulation_.now().steady;
  end_ = end;
  if (options_.until && now + *options_.until <= end) {
    end_ = now + *options_.until;
    simulation_.at(end_, [this] { end_all(); });
  }
  simulation_.after(options_.from, [this] {
    for (std::size_t member = 0; member < members_.size(); ++member) live(member);
  });
}

void ChurnProcess::live(std::size_t member) {
  const Instant now = simulation_.now().steady;
  if (now >= end_) return;
  simulation_.start(members_[member]);
  simulation_.after(random_[member].exponential(options_.mean_lifetime),
                    [this, member] { end_life(member); });
}

void ChurnProcess::end_life(std::size_t member) {
  if (simulation_.now().steady >= end_) return;
  if (options_.crash) {
    simulation_.crash(members_[member]);
  } else {
    simulation_.stop(members_[member]);
  }
  simulation_.after(random_[member].exponential(options_.mean_downtime),
                    [this, member] { live(member); });
}

void ChurnProcess::end_all() {
  for (const NodeIndex node : members_) simulation_.start(node);
}

}  // namespace thicket::sim
