#include "sim/run.hpp"

#include <algorithm>
#include <memory>

#include "sim/measurement.hpp"
#include "sim/pings.hpp"
#include "sim/scenario_checks.hpp"
#include "sim/world.hpp"

namespace thicket::sim {

namespace {

/// Progress is told once in so many moments of simulated time.
constexpr std::uint64_t kProgressEvery = 1024;

Pings::Options pings_of(const Scenario& scenario) {
  Pings::Options options;
  if (!scenario.traffic) return options;
  options.timeout = scenario.traffic->timeout;
  options.payload_bytes = scenario.traffic->payload_bytes;
  return options;
}

MeasurementOptions measurement_of(const Scenario& scenario) {
  MeasurementOptions options;
  options.interval = scenario.measurement.interval;
  options.sampled_pairs = scenario.measurement.pairs;
  return options;
}

/// A world, and those who watch it, from its start to its end.
class Run {
 public:
  Run(World& world, const RunHooks& hooks)
      : world_(world),
        scenario_(world.scenario()),
        simulation_(world.simulation()),
        hooks_(hooks),
        pings_(simulation_, pings_of(scenario_)),
        measurement_(simulation_, pings_, measurement_of(scenario_)) {
    if (!hooks_.trace) return;
    simulation_.trace().set_listener([this](const TraceEvent& event) {
      if (event.number >= hooks_.trace_from) hooks_.trace(event);
    });
  }

  Results go() {
    planned_ = scenario_.duration.value_or(activity_length(scenario_) + scenario_.warm_up.idle +
                                           scenario_.cool_down);
    world_.start();
    warm_up();
    if (!scenario_.duration) planned_ += simulation_.elapsed() - scenario_.warm_up.idle;
    const Duration left = planned_ - simulation_.elapsed();
    const Instant now = simulation_.now().steady;
    world_.begin(now + std::max(left - scenario_.cool_down, Duration{}),
                 [this](NodeIndex from, NodeIndex to) { pings_.ping(from, to); });
    pass(left);
    simulation_.check_invariants();
    return results();
  }

 private:
  void warm_up() {
    const WarmUp& warm_up = scenario_.warm_up;
    if (warm_up.until_converged) {
      if (scenario_.growth) pass(scenario_.growth->over);
      const Duration end = simulation_.elapsed() + warm_up.limit;
      while (simulation_.elapsed() < end && time_left() && !measurement_.converged()) {
        pass(std::min(scenario_.measurement.interval, end - simulation_.elapsed()));
      }
    }
    pass(warm_up.idle);
  }

  bool time_left() const {
    return !scenario_.duration || simulation_.elapsed() < *scenario_.duration;
  }

  /// Lets time pass, but never more than the scenario has.
  void pass(Duration time) {
    if (scenario_.duration) time = std::min(time, *scenario_.duration - simulation_.elapsed());
    if (time <= Duration{}) return;
    simulation_.run_until(
        [this] {
          if (hooks_.progress && ++moments_ % kProgressEvery == 0) tell_progress();
          return false;
        },
        time);
    if (hooks_.progress) tell_progress();
  }

  void tell_progress() {
    std::uint64_t running = 0;
    for (NodeIndex node = 0; node < simulation_.nodes(); ++node) {
      running += simulation_.running(node) ? 1 : 0;
    }
    hooks_.progress({simulation_.elapsed(), std::max(planned_, simulation_.elapsed()),
                     simulation_.events(), running});
  }

  Results results() {
    Results results;
    results.scenario = scenario_.name;
    results.scenario_json = to_json(scenario_);
    results.topology = world_.topology();
    results.policy = scenario_.policy;
    measurement_.finish(results);
    const auto& positions = world_.positions();
    for (DrawnNode& node : results.drawn_nodes) {
      if (node.index >= positions.size()) continue;
      node.x = static_cast<double>(positions[node.index].x_mm) / 1000;
      node.y = static_cast<double>(positions[node.index].y_mm) / 1000;
    }
    return results;
  }

  World& world_;
  const Scenario& scenario_;
  Simulation& simulation_;
  const RunHooks& hooks_;
  Pings pings_;
  Measurement measurement_;
  Duration planned_{};
  std::uint64_t moments_ = 0;
};

RunFailure violation(const InvariantViolation& error, const Simulation& simulation) {
  RunFailure failed{error.what()};
  failed.violation = true;
  failed.seed = simulation.options().seed;
  failed.event = simulation.trace().events();
  failed.elapsed = simulation.elapsed();
  failed.last_events = simulation.trace().last();
  return failed;
}

}  // namespace

Result<Results, RunFailure> run(const Scenario& scenario, const RunHooks& hooks) {
  auto world = World::build(scenario);
  if (!world) {
    RunFailure failed{world.error()};
    failed.seed = scenario.seed;
    return failure(std::move(failed));
  }
  try {
    return Run(**world, hooks).go();
  } catch (const InvariantViolation& error) {
    return failure(violation(error, (*world)->simulation()));
  }
}

}  // namespace thicket::sim
