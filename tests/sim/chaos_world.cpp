#include "sim/chaos_world.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "sim/disjoint_sets.hpp"
#include "sim/topology.hpp"

namespace thicket::sim::test {

namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kChaosStream = 0x6368616f73;
/// A lookup, a session and a ping make up to six journeys along a slow line.
constexpr Duration kPingTimeout = 20s;
/// A session ends after a minute without traffic. Until then, its other end takes what a node with
/// a clock that was set back says for old.
constexpr Duration kSessionMemory = 70s;
constexpr std::size_t kMaxPairs = 60;

/// Every eighth world has the real cryptography.
SimulationOptions options_of(std::uint64_t seed) {
  SimulationOptions options;
  options.seed = seed;
  options.cryptography = seed % 8 == 0 ? CryptographyKind::real : CryptographyKind::fast;
  options.invariant_interval = 1;
  return options;
}

Graph random_graph(Prng& random, std::string& name) {
  TopologyOptions options;
  options.kind = kAllTopologies[random.below(kAllTopologies.size())];
  options.nodes = 3 + random.below(22);
  options.degree_permille = 2000 + random.below(3000);
  // Some kinds need more nodes than there are.
  if (auto graph = generate(options, random)) {
    name = name_of(options.kind);
    return *graph;
  }
  options.kind = TopologyKind::ring;
  name = name_of(options.kind);
  return *generate(options, random);
}

/// A path or a session that a node remembers from before: the first to use it is lost, and makes
/// the node look for a new one.
bool lost_by_memory(std::string_view cause) {
  constexpr std::string_view kAnswer = "answer: ";
  if (cause.starts_with(kAnswer)) cause.remove_prefix(kAnswer.size());
  return cause == "no next hop" || cause == "session lost";
}

}  // namespace

ChaosWorld::ChaosWorld(std::uint64_t seed)
    : seed_(seed),
      random_(Prng(seed).fork(kChaosStream)),
      simulation_(options_of(seed)),
      pings_(simulation_, {.timeout = kPingTimeout}),
      convergence_(simulation_) {
  build();
}

void ChaosWorld::build() {
  const Graph graph = random_graph(random_, topology_);
  for (std::size_t i = 0; i < graph.nodes; ++i) simulation_.add_node();
  for (const Edge& edge : graph.edges) {
    properties_.push_back(draw_properties());
    simulation_.add_link(edge.a, edge.b, properties_.back());
  }
  lossy_.resize(properties_.size());
  dead_.resize(graph.nodes);
}

LinkProperties ChaosWorld::draw_properties() {
  LinkProperties properties;
  properties.latency = random_.uniform(1ms, 80ms);
  if (random_.chance(1, 2)) properties.jitter = random_.uniform(0ms, 30ms);
  if (random_.chance(1, 2)) properties.bits_per_second = 500'000 + random_.below(10'000'000);
  properties.priority = static_cast<std::uint8_t>(random_.below(3));
  if (random_.chance(1, 3)) properties.set_up = random_.uniform(10ms, 1s);
  properties.redial = random_.uniform(100ms, 3s);
  return properties;
}

void ChaosWorld::disturb() {
  for (NodeIndex node = 0; node < simulation_.nodes(); ++node) {
    if (random_.chance(4, 5)) simulation_.start(node);
  }
  const Duration end = random_.uniform(20s, 60s);
  const Duration pause = random_.uniform(50ms, 1500ms);
  for (;;) {
    const Duration wait = random_.exponential(pause);
    if (simulation_.elapsed() + wait >= end) break;
    simulation_.run_for(wait);
    disturb_once();
  }
  simulation_.run_for(end - simulation_.elapsed());
}

void ChaosWorld::disturb_once() {
  const auto node = static_cast<NodeIndex>(random_.below(simulation_.nodes()));
  const std::uint64_t what = random_.below(10);
  if (what < 4 && simulation_.links() > 0) {
    disturb_link(static_cast<LinkIndex>(random_.below(simulation_.links())));
  } else if (what < 7) {
    disturb_node(node);
  } else {
    use(node);
  }
}

void ChaosWorld::disturb_link(LinkIndex link) {
  switch (random_.below(8)) {
    case 0:
      return simulation_.cut(link);
    case 1:
      return simulation_.stall(link);
    case 2:
      return simulation_.lose(link);
    case 3:
      return simulation_.block(link, static_cast<std::uint8_t>(random_.below(2)));
    case 4: {
      LinkProperties properties = properties_[link];
      properties.loss_per_million = static_cast<std::uint32_t>(1 + random_.below(400'000));
      lossy_[link] = true;
      return simulation_.set_properties(link, properties);
    }
    default:
      return simulation_.restore(link);
  }
}

void ChaosWorld::disturb_node(NodeIndex node) {
  const std::uint64_t what = random_.below(6);
  if (!simulation_.running(node)) {
    if (what == 0) {
      simulation_.set_clock_offset(node, static_cast<std::int64_t>(random_.below(7200)) - 3600);
      clock_set_back_ = true;
    }
    return simulation_.start(node);
  }
  if (what == 0) return simulation_.stop(node);
  simulation_.crash(node);
  // Back at once, with the same key, before anyone noticed.
  if (what == 1) simulation_.start(node);
}

void ChaosWorld::use(NodeIndex node) {
  const auto other = static_cast<NodeIndex>(random_.below(simulation_.nodes()));
  if (!simulation_.running(node) || other == node) return;
  if (random_.chance(1, 4)) {
    simulation_.lookup(node, simulation_.key(other));
  } else {
    pings_.ping(node, other);
  }
}

void ChaosWorld::heal() {
  simulation_.note(0, "healed");
  for (NodeIndex node = 0; node < simulation_.nodes(); ++node) {
    dead_[node] = seed_ % 4 == 0 && random_.chance(1, 4);
  }
  for (LinkIndex link = 0; link < simulation_.links(); ++link) {
    simulation_.set_properties(link, properties_[link]);
    // A stream that lost frames is broken for good.
    if (lossy_[link]) simulation_.cut(link);
    simulation_.restore(link);
  }
  for (NodeIndex node = 0; node < simulation_.nodes(); ++node) {
    if (dead_[node]) {
      simulation_.crash(node);
    } else {
      simulation_.start(node);
    }
  }
}

bool ChaosWorld::converges(ChaosOutcome& outcome) {
  const Duration healed_at = simulation_.elapsed();
  const Duration start = simulation_.now().steady.time_since_epoch() - healed_at;
  const bool any_dead = std::ranges::count(dead_, true) > 0;
  const Duration bound = any_dead ? kChaosBoundWithDead : kChaosBound;
  while (simulation_.elapsed() - healed_at < bound + kChaosCalm) {
    simulation_.run_for(500ms);
    convergence_.check();
    const auto since = convergence_.right_since();
    if (!since || simulation_.now().steady - *since < kChaosCalm) continue;
    outcome.healed_in = since->time_since_epoch() - start - healed_at;
    return true;
  }
  for (NodeIndex node = 0; node < simulation_.nodes(); ++node) {
    if (!simulation_.running(node)) continue;
    outcome.losses += fmt::format("{}: root {}, parent {}; ", node, convergence_.root_of(node),
                                  convergence_.parent_of(node));
  }
  const NetworkState& state = convergence_.check();
  outcome.failure = fmt::format(
      "not right {} s after it was healed: {} of {} nodes right, {} roots, {} of {} "
      "pairs joined",
      (simulation_.elapsed() - healed_at) / 1s, state.right_nodes, state.running, state.roots,
      state.joined, state.pairs);
  return false;
}

std::vector<ChaosWorld::Pair> ChaosWorld::connected_pairs() {
  DisjointSets parts(simulation_.nodes());
  for (LinkIndex link = 0; link < simulation_.links(); ++link) {
    const auto& ends = simulation_.link(link).ends;
    if (simulation_.usable(link)) parts.join(ends[0], ends[1]);
  }
  std::vector<Pair> pairs;
  for (NodeIndex a = 0; a < simulation_.nodes(); ++a) {
    for (NodeIndex b = 0; b < simulation_.nodes(); ++b) {
      const bool both = a != b && simulation_.running(a) && simulation_.running(b);
      if (both && parts.find(a) == parts.find(b)) pairs.emplace_back(a, b);
    }
  }
  random_.shuffle(std::span(pairs));
  pairs.resize(std::min(pairs.size(), kMaxPairs));
  return pairs;
}

/// Pings all pairs; returns those to be tried again: what a node remembered was out of date, which
/// it only finds out by using it.
std::vector<ChaosWorld::Pair> ChaosWorld::ping(const std::vector<Pair>& pairs,
                                               ChaosOutcome& outcome) {
  const std::size_t before = pings_.outcomes().size();
  for (const auto& [a, b] : pairs) {
    pings_.ping(a, b);
    simulation_.run_for(100ms);
  }
  simulation_.run_for(kPingTimeout + 1s);
  const auto& outcomes = pings_.outcomes();
  std::vector<Pair> again;
  for (std::size_t i = before; i < outcomes.size(); ++i) {
    const PingOutcome& ping = outcomes[i];
    if (ping.answered) continue;
    outcome.losses += fmt::format("{} -> {} at {} ms: {}; ", ping.from, ping.to, ping.sent_at / 1ms,
                                  ping.lost_by);
    if (!lost_by_memory(ping.lost_by)) outcome.failure += "a ping was lost; ";
    again.emplace_back(ping.from, ping.to);
  }
  if (outcomes.size() != before + pairs.size()) outcome.failure += "pings are missing; ";
  return again;
}

void ChaosWorld::ping_all(ChaosOutcome& outcome) {
  std::vector<Pair> pairs = connected_pairs();
  // Those sent before are given up, and not counted.
  while (pings_.waiting() > 0) simulation_.run_for(1s);
  if (clock_set_back_) simulation_.run_for(kSessionMemory);
  for (int attempt = 0; attempt < kChaosAttempts; ++attempt) pairs = ping(pairs, outcome);
  if (!pairs.empty()) outcome.failure += "pairs are not joined; ";
}

std::string ChaosWorld::describe() const {
  return fmt::format("{} of {} nodes and {} links, {} dead", topology_, simulation_.nodes(),
                     simulation_.links(), std::ranges::count(dead_, true));
}

ChaosOutcome ChaosWorld::run() {
  ChaosOutcome outcome;
  try {
    disturb();
    heal();
    if (converges(outcome)) ping_all(outcome);
    simulation_.check_invariants();
  } catch (const InvariantViolation& violation) {
    outcome.failure = fmt::format("invariant: {}", violation.what());
  }
  outcome.world = describe();
  outcome.trace_hash = simulation_.trace().hash();
  outcome.last_events = simulation_.trace().last();
  return outcome;
}

}  // namespace thicket::sim::test
