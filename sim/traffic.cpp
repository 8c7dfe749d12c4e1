#include "sim/traffic.hpp"

#include <algorithm>
#include <numeric>

namespace thicket::sim {

PairSource::PairSource(const Simulation& simulation, std::size_t nodes,
                       std::optional<std::uint32_t> zipf_exponent_permille, Prng random)
    : simulation_(simulation), nodes_(nodes), random_(random) {
  if (!zipf_exponent_permille) return;
  by_rank_.resize(nodes);
  std::iota(by_rank_.begin(), by_rank_.end(), NodeIndex{0});
  random_.shuffle(std::span(by_rank_));
  zipf_.emplace(std::min(nodes, ZipfDistribution::kMaxRanks), *zipf_exponent_permille);
}

std::optional<std::pair<NodeIndex, NodeIndex>> PairSource::draw() {
  const auto any = [this] { return static_cast<NodeIndex>(random_.below(nodes_)); };
  const auto from = draw_node(any, kNoNode);
  if (!from) return std::nullopt;
  const auto to = zipf_ ? draw_node([this] { return by_rank_[zipf_->draw(random_)]; }, *from)
                        : draw_node(any, *from);
  if (!to) return std::nullopt;
  return std::pair(*from, *to);
}

/// A running node other than `but`, as `candidate` draws them.
std::optional<NodeIndex> PairSource::draw_node(const std::function<NodeIndex()>& candidate,
                                               NodeIndex but) {
  constexpr int kTries = 64;
  for (int i = 0; i < kTries; ++i) {
    const NodeIndex node = candidate();
    if (node != but && simulation_.running(node)) return node;
  }
  // So few of the candidates run that looking at all nodes is quicker.
  std::vector<NodeIndex> running;
  for (NodeIndex node = 0; node < nodes_; ++node) {
    if (node != but && simulation_.running(node)) running.push_back(node);
  }
  if (running.empty()) return std::nullopt;
  return running[random_.below(running.size())];
}

PairProcess::PairProcess(Simulation& simulation, const Pace& pace, Duration round, PairSource pairs,
                         Prng random, Action action)
    : pairs_(std::move(pairs)),
      action_(std::move(action)),
      paced_(simulation, pace, round, random, [this](std::uint64_t) {
        if (const auto pair = pairs_.draw()) action_(pair->first, pair->second);
      }) {}

void PairProcess::begin(Instant end, bool endless) {
  if (endless) paced_.repeat_until_end();
  paced_.begin(end);
}

}  // namespace thicket::sim
