#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "sim/convergence.hpp"
#include "sim/pings.hpp"
#include "sim/results.hpp"
#include "sim/simulation.hpp"

namespace thicket::sim {

struct MeasurementOptions {
  /// Between two rows of the time series; it doubles whenever they become too many. Above 0.
  Duration interval = std::chrono::seconds(1);
  std::size_t max_rows = 10'000;    ///< of the time series; at least 2
  std::size_t sampled_pairs = 200;  ///< see Convergence
};

/// Measures a run: watches it from the moment of construction, and fills in what it saw at the end.
/// Make it before the first node is started. What it does per frame is a few additions.
class Measurement final : public Observer {
 public:
  /// Observes `simulation`; it and `pings` must outlive it.
  Measurement(Simulation& simulation, Pings& pings, MeasurementOptions options = {});
  ~Measurement() override;
  Measurement(const Measurement&) = delete;
  Measurement& operator=(const Measurement&) = delete;

  /// Whether the network is right, now. Not to be called from within an Observer.
  bool converged();
  /// Since when it has been, in simulated time since the start of the run.
  std::optional<Duration> converged_since();

  /// Fills in everything of "the run itself" (but for wall_s and rss_bytes) and all that follows in
  /// Results, and cryptography, seed, nodes, links, duration_s; leaves places (x, y) of drawn nodes
  /// to the owner of the topology. Call it once, at the end.
  void finish(Results& results);

  void node_started(Time now, NodeIndex node) override;
  void node_stopped(Time now, NodeIndex node) override;
  void position_changed(Time now, NodeIndex node) override;
  void link_changed(Time now, LinkIndex link) override;
  void frame_sent(const FrameEvent& event) override;
  void frame_received(const FrameEvent& event) override;
  void frame_lost(const FrameEvent& event, LossCause cause) override;
  void link_closed(Time now, NodeIndex node, routing::CloseReason reason) override;

 private:
  struct State;
  std::shared_ptr<State> state_;  // calls that the simulation still holds must notice its end
};

}  // namespace thicket::sim
