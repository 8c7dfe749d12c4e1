#include "sim/lookup_study.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "routing/dht/dht.hpp"
#include "sim/churn.hpp"
#include "sim/lookup_pairs.hpp"
#include "sim/lookup_spoilers.hpp"
#include "sim/lookup_watch.hpp"

namespace thicket::sim {

namespace {

constexpr std::uint64_t kStudy = 0x6c6f6f6b;  // apart from the simulation's own streams
enum Stream : std::uint64_t { kPairs = 1, kHostile, kChurn };

/// Between two lookups of a network that stays as it is.
constexpr Duration kSpacing = std::chrono::milliseconds(10);
constexpr Duration kDefaultLatency = std::chrono::milliseconds(10);
constexpr std::uint64_t kProgressEvery = 1024;
constexpr std::uint32_t kInvariantInterval = 4096;

double seconds(Duration time) {
  return static_cast<double>(time.count()) / 1e9;
}

SimulationOptions options_for(const LookupStudy& study, routing::LookupPolicy policy) {
  SimulationOptions options;
  options.seed = study.seed;
  options.cryptography = study.cryptography;
  options.router.lookup = policy;
  options.dht = policy != routing::LookupPolicy::bloom;
  options.invariant_interval = kInvariantInterval;
  return options;
}

class Study {
 public:
  Study(const Graph& graph, const LookupStudy& study, routing::LookupPolicy policy,
        const std::function<void(const Progress&)>& progress)
      : graph_(graph),
        study_(study),
        policy_(policy),
        progress_(progress),
        simulation_(options_for(study, policy)) {}

  LookupFigures go() {
    build();
    for (NodeIndex node = 0; node < graph_.nodes; ++node) simulation_.start(node);
    pass(study_.settle);
    begin_churn();
    LookupPairs pairs(simulation_, hostile_, stream(kPairs));
    simulation_.add_observer(pairs);
    watch_idle();
    ask(pairs);
    simulation_.check_invariants();
    return std::move(figures_);
  }

  RunFailure violation(const InvariantViolation& error) const {
    RunFailure failed{error.what()};
    failed.violation = true;
    failed.seed = study_.seed;
    failed.event = simulation_.trace().events();
    failed.elapsed = simulation_.elapsed();
    failed.last_events = simulation_.trace().last();
    return failed;
  }

 private:
  Prng stream(std::uint64_t label) const { return Prng(study_.seed).fork(kStudy).fork(label); }

  /// Between two lookups. Where nodes come and go, their lives must be sampled, too.
  Duration spacing() const {
    if (!study_.lifetime || study_.lookups == 0) return kSpacing;
    return std::max(kSpacing, *study_.lifetime / static_cast<std::int64_t>(study_.lookups));
  }

  Duration planned() const {
    return study_.settle + study_.idle + spacing() * static_cast<std::int64_t>(study_.lookups) +
           kLookupPatience;
  }

  void build() {
    for (std::size_t i = 0; i < graph_.nodes; ++i) simulation_.add_node();
    for (const Edge& edge : graph_.edges) {
      simulation_.add_link(edge.a, edge.b, {.latency = edge.latency.value_or(kDefaultLatency)});
    }
    hostile_.resize(graph_.nodes);
    std::vector<NodeIndex> order(graph_.nodes);
    for (NodeIndex node = 0; node < graph_.nodes; ++node) order[node] = node;
    stream(kHostile).shuffle(std::span(order));
    order.resize(graph_.nodes * study_.hostile_ppm / 1'000'000);
    for (std::size_t i = 0; i < order.size(); ++i) {
      hostile_[order[i]] = true;
      if (i % 2 == 0) {
        simulation_.set_behaviour(order[i], std::make_unique<FindSwallower>());
      } else {
        simulation_.set_behaviour(order[i], std::make_unique<FindDenier>());
      }
    }
  }

  void begin_churn() {
    if (!study_.lifetime) return;
    Churn churn;
    churn.mean_lifetime = *study_.lifetime;
    churn.mean_downtime = *study_.lifetime / 10;
    churn.crash = study_.crash;
    churn_ = std::make_unique<ChurnProcess>(simulation_, churn, graph_.nodes, stream(kChurn));
    churn_->begin(Instant::max());
  }

  void pass(Duration time) {
    simulation_.run_until(
        [this] {
          if (progress_ && ++moments_ % kProgressEvery == 0) tell_progress();
          return false;
        },
        time);
    if (progress_) tell_progress();
  }

  void tell_progress() {
    progress_({simulation_.elapsed(), std::max(planned(), simulation_.elapsed()),
               simulation_.events(), graph_.nodes});
  }

  void watch_idle() {
    LookupWatch watch(simulation_);
    simulation_.add_observer(watch);
    pass(study_.idle);
    simulation_.remove_observer(watch);
    const double node_seconds =
        std::max(seconds(study_.idle) * static_cast<double>(graph_.nodes), 1e-9);
    const auto rate = [&](std::uint64_t bytes) {
      return static_cast<double>(bytes) / node_seconds;
    };
    figures_.idle_dht_bytes_per_node_s = rate(watch.upkeep().dht_bytes);
    figures_.idle_filter_bytes_per_node_s = rate(watch.upkeep().filter_bytes);
    std::ranges::transform(watch.upkeep().dht_bytes_by_kind, figures_.idle_bytes_by_kind.begin(),
                           rate);
  }

  void ask(LookupPairs& pairs) {
    LookupWatch watch(simulation_);
    simulation_.add_observer(watch);
    // Whether the ends are still joined is to be seen while the network is as it was then.
    std::vector<bool> apart(study_.lookups);
    for (std::size_t i = 0; i < study_.lookups; ++i) {
      const auto pair = pairs.draw(kTargetAge);
      if (pair) {
        const std::size_t number = watch.lookups().size();
        watch.begin(pair->first, pair->second);
        simulation_.lookup(pair->first, simulation_.key(pair->second));
        simulation_.after(kLookupPatience, [&pairs, &apart, number, pair = *pair] {
          apart[number] = !pairs.joined(pair.first, pair.second);
        });
      }
      pass(spacing());
    }
    pass(kLookupPatience);
    simulation_.remove_observer(watch);
    simulation_.remove_observer(pairs);
    evaluate(watch, apart);
  }

  void evaluate(const LookupWatch& watch, const std::vector<bool>& apart);
  void evaluate_lookup(const WatchedLookup& lookup);
  void evaluate_tables();

  const Graph& graph_;
  const LookupStudy& study_;
  routing::LookupPolicy policy_;
  const std::function<void(const Progress&)>& progress_;
  Simulation simulation_;
  std::unique_ptr<ChurnProcess> churn_;
  std::vector<bool> hostile_;
  std::uint64_t moments_ = 0;
  LookupFigures figures_;
  std::vector<double> transmissions_;
  std::vector<double> times_;
};

void Study::evaluate(const LookupWatch& watch, const std::vector<bool>& apart) {
  std::uint64_t all = 0;
  const auto& lookups = watch.lookups();
  figures_.asked = lookups.size();
  for (std::size_t i = 0; i < lookups.size(); ++i) {
    all += lookups[i].transmissions();
    const Instant end = lookups[i].asked_at + kLookupPatience;
    const bool cut_short = lookups[i].cut_short_at && *lookups[i].cut_short_at <= end;
    if (!cut_short && !apart[i]) evaluate_lookup(lookups[i]);
  }
  const auto counted = static_cast<double>(std::max<std::uint64_t>(figures_.counted, 1));
  for (double* mean : {&figures_.filter_transmissions_mean, &figures_.notify_transmissions_mean,
                       &figures_.find_transmissions_mean, &figures_.found_transmissions_mean}) {
    *mean /= counted;
  }
  figures_.publishing_transmissions_mean =
      static_cast<double>(watch.publishing()) /
      static_cast<double>(std::max<std::uint64_t>(figures_.asked, 1));
  figures_.transmissions = distribution_of(std::move(transmissions_));
  figures_.time_ms = distribution_of(std::move(times_));
  if (all != 0) {
    figures_.busiest_share =
        static_cast<double>(std::ranges::max(watch.through())) / static_cast<double>(all);
  }
  evaluate_tables();
  figures_.simulated_s = seconds(simulation_.elapsed());
  figures_.events = simulation_.events();
  figures_.trace_hash = simulation_.trace().hash();
}

void Study::evaluate_lookup(const WatchedLookup& lookup) {
  ++figures_.counted;
  transmissions_.push_back(static_cast<double>(lookup.transmissions()));
  figures_.filter_transmissions_mean += static_cast<double>(lookup.by_filters);
  figures_.notify_transmissions_mean += static_cast<double>(lookup.notifies);
  figures_.find_transmissions_mean += static_cast<double>(lookup.finds);
  figures_.found_transmissions_mean += static_cast<double>(lookup.founds);
  figures_.hits += lookup.hit ? 1 : 0;
  figures_.misses += lookup.misses;
  figures_.retries += lookup.ways > 1 ? lookup.ways - 1 : 0;
  const bool asked_dht = lookup.ways != 0;
  figures_.by_dht_alone += asked_dht && !lookup.asked_filters ? 1 : 0;
  figures_.by_filters_alone += lookup.asked_filters && !asked_dht ? 1 : 0;
  if (policy_ == routing::LookupPolicy::automatic) {
    figures_.fallbacks += asked_dht && lookup.asked_filters ? 1 : 0;
  }
  if (!lookup.found_at || *lookup.found_at > lookup.asked_at + kLookupPatience) return;
  ++figures_.found;
  figures_.current += lookup.current ? 1 : 0;
  figures_.known += lookup.transmissions() == 0 ? 1 : 0;
  times_.push_back(seconds(*lookup.found_at - lookup.asked_at) * 1000);
}

void Study::evaluate_tables() {
  double contacts = 0;
  double records = 0;
  double running = 0;
  for (NodeIndex node = 0; node < simulation_.nodes(); ++node) {
    if (!simulation_.running(node)) continue;
    ++running;
    contacts += static_cast<double>(simulation_.router(node).dht().table().size());
    records += static_cast<double>(simulation_.router(node).dht().store().size());
  }
  if (running == 0) return;
  figures_.table_entries_mean = contacts / running;
  figures_.records_mean = records / running;
}

}  // namespace

double LookupFigures::success() const {
  return counted == 0 ? 0 : static_cast<double>(found) / static_cast<double>(counted);
}

std::string_view name_of(routing::LookupPolicy policy) {
  switch (policy) {
    case routing::LookupPolicy::automatic:
      return "auto";
    case routing::LookupPolicy::bloom:
      return "bloom";
    case routing::LookupPolicy::dht:
      return "dht";
    case routing::LookupPolicy::both:
      break;
  }
  return "both";
}

std::optional<routing::LookupPolicy> parse_lookup_policy(std::string_view name) {
  for (const routing::LookupPolicy policy : kLookupPolicies) {
    if (name == name_of(policy)) return policy;
  }
  return std::nullopt;
}

Result<LookupFigures, RunFailure> study_lookups(
    const Graph& graph, const LookupStudy& study, routing::LookupPolicy policy,
    const std::function<void(const Progress&)>& progress) {
  const auto start = std::chrono::steady_clock::now();
  Study one(graph, study, policy, progress);
  try {
    LookupFigures figures = one.go();
    figures.wall_s =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return figures;
  } catch (const InvariantViolation& error) {
    return failure(one.violation(error));
  }
}

}  // namespace thicket::sim
