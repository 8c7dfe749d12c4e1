#pragma once

#include <cstdint>
#include <string>

#include "crypto/time.hpp"
#include "sim/index.hpp"

namespace thicket::sim {

/// What became of one ping: a request, and the answer to it.
struct PingOutcome {
  NodeIndex from = 0;
  NodeIndex to = 0;
  Duration sent_at{};    ///< since the start of the run
  bool possible = true;  ///< there was a way between them when it was sent
  bool arrived = false;
  bool answered = false;
  std::uint32_t hops = 0;           ///< of the request, once arrived
  std::uint32_t shortest_hops = 0;  ///< when it was sent, if possible
  Duration one_way{};               ///< from asking to arriving: lookup and session set-up included
  Duration travel{};    ///< from leaving the sender to arriving, of the frame that arrived
  Duration quickest{};  ///< one way when it was sent, by the links' latency alone, if possible
  Duration round_trip{};
  std::string lost_by;  ///< the cause, once given up; empty if answered
};

}  // namespace thicket::sim
