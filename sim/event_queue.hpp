#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "crypto/packet.hpp"
#include "crypto/time.hpp"

namespace thicket::sim {

enum class EventKind : std::uint8_t {
  wake,           ///< target: node; it asked to be called
  arrival,        ///< target: connection; a frame reaches `end`
  link_free,      ///< target: connection; `end` has put its last frame on the wire
  remote_closed,  ///< target: connection; `end` hears that the other end is gone
  dial,           ///< target: link; a connection is ready to be used
  call,           ///< target: a call that somebody asked for
};

/// Something that happens at a moment of simulated time.
struct Event {
  Instant at;
  EventKind kind = EventKind::wake;
  std::uint8_t end = 0;
  std::uint32_t target = 0;
  Packet body;  ///< of an arrival
};

/// Events in order of (time, sequence of pushing): a total order that nothing else influences.
class EventQueue {
 public:
  void push(Event event);
  /// The earliest event; the queue must not be empty.
  Event pop();
  /// When the earliest event happens; the queue must not be empty.
  Instant next_at() const { return heap_.front().at; }
  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }

 private:
  struct Place {
    Instant at;
    std::uint64_t sequence;
    std::uint32_t slot;
    bool operator>(const Place& other) const {
      return at != other.at ? at > other.at : sequence > other.sequence;
    }
  };

  std::vector<Place> heap_;
  std::vector<Event> slots_;  // the heap moves small places, not events
  std::vector<std::uint32_t> free_slots_;
  std::uint64_t sequence_ = 0;
};

}  // namespace thicket::sim
