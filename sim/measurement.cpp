#include "sim/measurement.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/frame_counts.hpp"
#include "sim/frame_trail.hpp"
#include "sim/lookup_costs.hpp"
#include "sim/ping_figures.hpp"
#include "sim/time_series.hpp"

namespace thicket::sim {

namespace {

/// Nodes whose state is counted for a row of the time series.
constexpr std::size_t kStateSample = 200;
constexpr std::size_t kDrawn = 5000;

double seconds(Duration time) {
  return std::chrono::duration<double>(time).count();
}

}  // namespace

struct Measurement::State : std::enable_shared_from_this<Measurement::State> {
  State(Simulation& the_simulation, Pings& the_pings, const MeasurementOptions& options)
      : simulation(the_simulation),
        pings(the_pings),
        convergence(the_simulation, options.sampled_pairs),
        lookups(the_simulation),
        series(options.interval, options.max_rows),
        start(the_simulation.now().steady - the_simulation.elapsed()) {}

  void schedule();
  void note_change(Instant now);
  void check();
  void sample();
  double mean_state_bytes() const;
  void count_signatures();
  void fill_network(Results& results);
  void fill_state(Results& results);
  void fill_lookups(Results& results);
  void draw(Results& results) const;

  Simulation& simulation;
  Pings& pings;
  Convergence convergence;
  FrameCounts frames;
  LookupCosts lookups;
  TimeSeries series;
  Instant start;  ///< of the run

  Usage at_last_change;  ///< of Convergence
  std::uint64_t changes_seen = 0;
  std::optional<Instant> first_right;
  Usage at_first_right;

  // since the last row
  std::optional<double> last_row_s;
  Usage last_usage;
  std::uint64_t last_changes = 0;
  std::uint64_t last_position_changes = 0;
  std::uint64_t last_lookups = 0;
  std::uint64_t last_pings = 0;
  bool was_quiet = false;  ///< right, and no ping on its way, at the last row
  Usage idle;              ///< in all quiet intervals

  std::uint64_t signatures = 0;                   ///< checked in lives of nodes that ended
  std::vector<std::uint64_t> signatures_of_life;  ///< by node, as of the last row
  std::map<std::string, std::uint64_t> links_closed;
};

Measurement::Measurement(Simulation& simulation, Pings& pings, MeasurementOptions options)
    : state_(std::make_shared<State>(simulation, pings, options)) {
  for (NodeIndex node = 0; node < simulation.nodes(); ++node) {
    if (simulation.running(node)) state_->frames.node_started(simulation.now().steady);
  }
  state_->note_change(simulation.now().steady);
  simulation.add_observer(*this);
  state_->schedule();
}

Measurement::~Measurement() {
  state_->simulation.remove_observer(*this);
}

bool Measurement::converged() {
  state_->check();
  return state_->convergence.right_since().has_value();
}

std::optional<Duration> Measurement::converged_since() {
  state_->check();
  const auto since = state_->convergence.right_since();
  if (!since) return std::nullopt;
  return *since - state_->start;
}

// --- what is seen

/// What was used up by the moment of a change: the network may prove right since then.
void Measurement::State::note_change(Instant now) {
  if (convergence.changes() == changes_seen) return;
  changes_seen = convergence.changes();
  at_last_change = frames.usage(now);
}

void Measurement::node_started(Time now, NodeIndex) {
  state_->frames.node_started(now.steady);
  state_->note_change(now.steady);
}

void Measurement::node_stopped(Time now, NodeIndex node) {
  state_->frames.node_stopped(now.steady);
  // Its counters are gone by now.
  if (node < state_->signatures_of_life.size()) {
    state_->signatures += std::exchange(state_->signatures_of_life[node], 0);
  }
  state_->note_change(now.steady);
}

void Measurement::position_changed(Time now, NodeIndex) {
  state_->note_change(now.steady);
}

void Measurement::link_changed(Time now, LinkIndex) {
  state_->note_change(now.steady);
}

void Measurement::frame_sent(const FrameEvent& event) {
  state_->frames.sent(event);
  state_->lookups.frame_sent(event);
}

void Measurement::frame_received(const FrameEvent& event) {
  state_->lookups.frame_received(event);
}

void Measurement::frame_lost(const FrameEvent& event, LossCause cause) {
  state_->frames.lost(underlying_cause(state_->simulation, event, cause));
}

void Measurement::link_closed(Time, NodeIndex, routing::CloseReason reason) {
  ++state_->links_closed[std::string(routing::describe(reason))];
}

// --- rows

void Measurement::State::schedule() {
  simulation.after(series.interval(), [weak = weak_from_this()] {
    if (const auto alive = weak.lock()) {
      alive->sample();
      alive->schedule();
    }
  });
}

void Measurement::State::check() {
  convergence.check();
  if (first_right || !convergence.right_since()) return;
  first_right = convergence.right_since();
  at_first_right = at_last_change;
}

void Measurement::State::sample() {
  check();
  const NetworkState& network = convergence.check();
  const Usage usage = frames.usage(simulation.now().steady);
  const Usage used = usage - last_usage;
  lookups.settle(simulation.now().steady);
  count_signatures();

  Sample row;
  row.time_s = seconds(simulation.elapsed());
  row.running = network.running;
  row.roots = network.roots;
  const auto share = [](std::uint64_t part, std::uint64_t whole) {
    return whole == 0 ? 1.0 : static_cast<double>(part) / static_cast<double>(whole);
  };
  row.right_coordinates = share(network.right_nodes, network.running);
  row.reachable = share(network.joined, network.pairs);
  row.control_bytes_per_node_s = used.control_rate();
  row.traffic_bytes_per_node_s = used.traffic_rate();
  row.state_bytes_per_node = mean_state_bytes();
  row.position_changes = convergence.position_changes() - last_position_changes;
  row.lookups = lookups.started() - last_lookups;
  series.add(row);

  const bool quiet = convergence.right_since().has_value() && pings.waiting() == 0;
  const bool all_along =
      was_quiet && quiet && convergence.changes() == last_changes && pings.sent() == last_pings;
  if (all_along) {
    idle.control_bytes += used.control_bytes;
    idle.node_seconds += used.node_seconds;
  }
  was_quiet = quiet;
  last_row_s = row.time_s;
  last_usage = usage;
  last_changes = convergence.changes();
  last_position_changes = convergence.position_changes();
  last_lookups = lookups.started();
  last_pings = pings.sent();
}

void Measurement::State::count_signatures() {
  signatures_of_life.resize(simulation.nodes());
  for (NodeIndex node = 0; node < simulation.nodes(); ++node) {
    if (!simulation.running(node)) continue;
    signatures_of_life[node] = simulation.router(node).counters().signatures_checked;
  }
}

double Measurement::State::mean_state_bytes() const {
  const std::size_t nodes = simulation.nodes();
  const std::size_t step = std::max<std::size_t>(nodes / kStateSample, 1);
  double sum = 0;
  double count = 0;
  for (std::size_t node = 0; node < nodes; node += step) {
    const auto index = static_cast<NodeIndex>(node);
    if (!simulation.running(index)) continue;
    sum += static_cast<double>(simulation.endpoint(index).state_bytes());
    ++count;
  }
  return count > 0 ? sum / count : 0;
}

// --- the end

void Measurement::finish(Results& results) {
  State& state = *state_;
  Simulation& simulation = state.simulation;
  state.check();
  if (state.last_row_s != seconds(simulation.elapsed())) state.sample();
  results.cryptography =
      simulation.options().cryptography == CryptographyKind::real ? "real" : "fast";
  results.seed = simulation.options().seed;
  results.nodes = simulation.nodes();
  results.links = simulation.links();
  results.duration_s = seconds(simulation.elapsed());
  results.trace_hash = simulation.trace().hash();
  results.events = simulation.events();
  state.fill_network(results);
  state.fill_state(results);
  state.fill_lookups(results);
  fill_ping_figures(state.pings, results);
  results.series = state.series.with_pings(state.pings.outcomes());
  state.draw(results);
}

void Measurement::State::fill_network(Results& results) {
  const Usage all = frames.usage(simulation.now().steady);
  if (convergence.right_since()) {
    results.converged_s = seconds(*convergence.right_since() - start);
  }
  if (first_right) results.first_converged_s = seconds(*first_right - start);
  results.control_bytes_per_node_s = all.control_rate();
  results.control_bytes_per_node_s_converging =
      first_right ? at_first_right.control_rate() : all.control_rate();
  results.control_bytes_per_node_s_idle = idle.control_rate();
  results.frames_by_type = frames.frames_by_type();
  results.bytes_by_type = frames.bytes_by_type();
  results.frames_lost = frames.frames_lost();
  results.links_closed = links_closed;
}

void Measurement::State::fill_state(Results& results) {
  std::vector<double> depths;
  std::vector<double> state_bytes;
  count_signatures();
  std::uint64_t checked = signatures;
  for (NodeIndex node = 0; node < simulation.nodes(); ++node) {
    if (!simulation.running(node)) continue;
    depths.push_back(static_cast<double>(simulation.router(node).coordinates().size()));
    state_bytes.push_back(static_cast<double>(simulation.endpoint(node).state_bytes()));
    checked += signatures_of_life[node];
  }
  results.depth = distribution_of(std::move(depths));
  results.state_bytes = distribution_of(std::move(state_bytes));
  results.state_bytes_per_node = results.state_bytes.mean;
  if (simulation.nodes() > 0) {
    results.signatures_checked_per_node =
        static_cast<double>(checked) / static_cast<double>(simulation.nodes());
  }
}

void Measurement::State::fill_lookups(Results& results) {
  lookups.settle_all();
  results.lookups_started = lookups.started();
  results.lookups_answered = lookups.answered();
  results.lookup_transmissions = distribution_of(lookups.transmissions());
  results.lookup_ms = distribution_of(lookups.milliseconds());
}

void Measurement::State::draw(Results& results) const {
  if (simulation.nodes() > kDrawn) return;
  for (NodeIndex node = 0; node < simulation.nodes(); ++node) {
    DrawnNode& drawn = results.drawn_nodes.emplace_back();
    drawn.index = node;
    drawn.running = simulation.running(node);
    if (!drawn.running) continue;
    const NodeIndex parent = convergence.parent_of(node);
    drawn.root = parent == node;
    if (!drawn.root && parent != kNoNode) drawn.parent = parent;
    drawn.depth = static_cast<std::uint32_t>(simulation.router(node).coordinates().size());
  }
  for (LinkIndex index = 0; index < simulation.links(); ++index) {
    if (!simulation.usable(index)) continue;
    const auto [a, b] = simulation.link(index).ends;
    const bool tree = convergence.parent_of(a) == b || convergence.parent_of(b) == a;
    results.drawn_links.push_back({a, b, tree});
  }
}

}  // namespace thicket::sim
