#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "sim/ping_outcome.hpp"
#include "sim/simulation.hpp"

namespace thicket::sim {

/// Sends pings end to end, answers them, and finds out what became of each: how many hops it took,
/// how long, and where and why it was lost. A ping is a message of its own kind in a session
/// (wire.md §9: an unknown second byte, which real nodes ignore) with a number in it.
///
/// Causes of loss: those of LossCause by name; "no path found": nothing left the sender; "session
/// not set up": only frames that set one up did; "no next hop": a node on the way did not pass it
/// on; "queue full": the queue of a link on the way dropped it; "queued": it still waits for a
/// link; "session lost": it arrived and could not be read; "too late": it, or the answer, was still
/// on its way; the same after "answer: " for answers.
class Pings final : public Observer {
 public:
  struct Options {
    Duration timeout = std::chrono::seconds(5);  ///< an answer later than this counts as none
    std::size_t payload_bytes = 64;              ///< of requests and answers; at least 16
  };
  using Outcome = PingOutcome;

  /// Observes `simulation`, which must outlive it.
  Pings(Simulation& simulation, Options options);
  ~Pings() override;
  Pings(const Pings&) = delete;
  Pings& operator=(const Pings&) = delete;

  /// Sends one; both nodes must be known and not the same, `from` must be running. Not to be called
  /// from within an Observer.
  void ping(NodeIndex from, NodeIndex to);
  /// Of pings that were answered or given up, in order of sending: one that is done appears once
  /// those before it are.
  const std::vector<Outcome>& outcomes() const;
  /// Neither answered nor given up yet.
  std::size_t waiting() const;
  /// Pings sent so far.
  std::uint64_t sent() const;
  /// Traffic frames that each node passed on for others, by node.
  const std::vector<std::uint64_t>& forwarded() const;

  void node_started(Time now, NodeIndex node) override;
  void node_stopped(Time now, NodeIndex node) override;
  void link_changed(Time now, LinkIndex link) override;
  void frame_sent(const FrameEvent& event) override;
  void frame_received(const FrameEvent& event) override;
  void frame_lost(const FrameEvent& event, LossCause cause) override;
  void delivered(Time now, NodeIndex node, const PublicKey& from, ByteView data) override;

 private:
  struct State;
  std::shared_ptr<State> state_;  // calls that the simulation still holds must notice its end
};

}  // namespace thicket::sim
