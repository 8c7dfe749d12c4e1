#include "sim/ping_figures.hpp"

#include <algorithm>
#include <chrono>
#include <numeric>
#include <utility>
#include <vector>

namespace thicket::sim {

namespace {

constexpr std::size_t kStretchSamples = 10'000;
constexpr std::size_t kOutcomes = 100'000;

/// At most `limit` of them, evenly taken.
template <class T>
std::vector<T> thinned(const std::vector<T>& all, std::size_t limit) {
  if (all.size() <= limit) return all;
  std::vector<T> some;
  some.reserve(limit);
  for (std::size_t i = 0; i < limit; ++i) some.push_back(all[i * all.size() / limit]);
  return some;
}

double busiest_share(const std::vector<std::uint64_t>& forwarded) {
  const std::uint64_t all = std::accumulate(forwarded.begin(), forwarded.end(), std::uint64_t{0});
  if (all == 0) return 0;
  const std::uint64_t most = *std::max_element(forwarded.begin(), forwarded.end());
  return static_cast<double>(most) / static_cast<double>(all);
}

}  // namespace

void fill_ping_figures(const Pings& pings, Results& results) {
  std::vector<double> round_trips;
  std::vector<double> hops;
  std::vector<double> latencies;
  for (const PingOutcome& outcome : pings.outcomes()) {
    if (!outcome.possible) {
      ++results.pings_impossible;
      continue;
    }
    ++results.pings_sent;
    if (outcome.answered) {
      ++results.pings_answered;
      round_trips.push_back(std::chrono::duration<double, std::milli>(outcome.round_trip).count());
    } else {
      ++results.pings_lost[outcome.lost_by];
    }
    if (!outcome.arrived || outcome.hops == 0) continue;
    hops.push_back(static_cast<double>(outcome.hops) / outcome.shortest_hops);
    if (outcome.quickest > Duration{}) {
      latencies.push_back(static_cast<double>(outcome.travel.count()) /
                          static_cast<double>(outcome.quickest.count()));
    }
  }
  if (results.pings_sent > 0) {
    results.delivery =
        static_cast<double>(results.pings_answered) / static_cast<double>(results.pings_sent);
  }
  results.stretch_samples = thinned(hops, kStretchSamples);
  results.round_trip_ms = distribution_of(std::move(round_trips));
  results.stretch_hops = distribution_of(std::move(hops));
  results.stretch_latency = distribution_of(std::move(latencies));
  results.busiest_relay_share = busiest_share(pings.forwarded());
  results.ping_outcomes = thinned(pings.outcomes(), kOutcomes);
}

}  // namespace thicket::sim
