#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "crypto/bytes.hpp"
#include "crypto/time.hpp"
#include "sim/index.hpp"

namespace thicket::sim {

enum class TraceKind : std::uint8_t {
  node_started,
  node_stopped,
  node_crashed,
  link_up,
  link_down,
  frame_sent,
  frame_received,
  frame_lost,
  tick,
  delivered,
  path_found,
  note,  ///< something a scenario did
};

/// One thing that happened in a run.
struct TraceEvent {
  std::uint64_t number = 0;  ///< from 1
  Duration at{};             ///< since the start of the run
  TraceKind kind = TraceKind::note;
  NodeIndex node = 0;
  NodeIndex peer = kNoNode;  ///< whom it concerns besides `node`
  std::uint8_t frame_type = 0;
  std::uint32_t size = 0;    ///< bytes
  std::uint64_t digest = 0;  ///< of the bytes
};

/// "  12.345678 #901 17 > 4 Announce 232 B"
std::string describe(const TraceEvent& event);

/// Everything that happened, boiled down to one number, and the last of it in full. Two runs are
/// the same if and only if, short of an accident, their hashes are.
class Trace {
 public:
  /// `length`: how many events are kept in full.
  explicit Trace(std::size_t length);

  void record(TraceEvent event);
  std::uint64_t hash() const { return hash_; }
  std::uint64_t events() const { return events_; }
  /// The last events, oldest first.
  std::vector<TraceEvent> last() const;
  /// Called with every event as it happens; empty: nobody is.
  void set_listener(std::function<void(const TraceEvent&)> listener);

 private:
  std::uint64_t hash_ = 0;
  std::uint64_t events_ = 0;
  std::vector<TraceEvent> ring_;
  std::function<void(const TraceEvent&)> listener_;
};

/// A digest of bytes for a TraceEvent, the same on all machines.
std::uint64_t digest(ByteView bytes);

}  // namespace thicket::sim
