#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/simulation.hpp"

namespace thicket::sim {

/// Sends pings end to end, answers them, and finds out what became of each: how many hops it took,
/// how long, and where and why it was lost. A ping is a message of its own kind in a session
/// (wire.md §9: an unknown second byte, which real nodes ignore) with a number in it.
class Pings final : public Observer {
 public:
  struct Options {
    Duration timeout = std::chrono::seconds(5);  ///< an answer later than this counts as none
    std::size_t payload_bytes = 64;              ///< of requests and answers; at least 16
  };
  struct Outcome {
    NodeIndex from = 0;
    NodeIndex to = 0;
    Duration sent_at{};    ///< since the start of the run
    bool possible = true;  ///< there was a way between them when it was sent
    bool arrived = false;
    bool answered = false;
    std::uint32_t hops = 0;  ///< of the request, once arrived
    std::uint32_t shortest_hops = 0;
    Duration one_way{};
    Duration quickest{};  ///< one way, by latency alone
    Duration round_trip{};
    std::string lost_by;  ///< the cause, once given up; empty if answered
  };

  /// Observes `simulation`, which must outlive it.
  Pings(Simulation& simulation, Options options);
  ~Pings() override;

  /// Sends one; both nodes must be known, `from` must be running.
  void ping(NodeIndex from, NodeIndex to);
  /// Of pings that were answered or given up, in order of sending.
  const std::vector<Outcome>& outcomes() const;
  /// Neither answered nor given up yet.
  std::size_t waiting() const;
  /// Traffic frames that each node passed on for others, by node.
  const std::vector<std::uint64_t>& forwarded() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace thicket::sim
