#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "crypto/packet.hpp"
#include "crypto/public_key.hpp"
#include "crypto/time.hpp"

namespace thicket::routing {

/// Frames waiting for one busy link (wire.md §6). Protocol frames go first, in order. Traffic is
/// shared fairly, in bytes: destinations take turns (deficit round robin), and so do the sources to
/// one destination; within a flow, a (destination, source), order is kept. Over the bound, the
/// oldest frame of the flow that holds most memory, within the destination that does, is dropped.
///
/// What counts for the limits is the memory that waiting frames hold, bookkeeping included, so that
/// neither small frames in large buffers nor many flows exceed them. Operations take O(log flows),
/// amortised over the frames.
class LinkQueue {
 public:
  struct Limits {
    std::size_t traffic_bytes;
    std::size_t control_bytes;  ///< protocol frames over this are refused
    /// CoDel (RFC 8289) per flow, dropping oldest frames: the waiting time that is fine to stand
    /// for good, and how long it may be exceeded. A flow's last frame is never dropped. 0: off.
    Duration target_delay{};
    Duration delay_interval = std::chrono::milliseconds(100);
  };
  explicit LinkQueue(Limits limits);
  ~LinkQueue();
  LinkQueue(LinkQueue&&) noexcept;
  LinkQueue& operator=(LinkQueue&&) noexcept;

  /// false: the peer has let too many protocol frames pile up; the link should end.
  [[nodiscard]] bool push_control(Packet frame);
  void push_traffic(Instant now, const PublicKey& destination, const PublicKey& source,
                    Packet frame);
  std::optional<Packet> pop(Instant now);

  bool empty() const;
  /// Memory held by all frames that wait, bookkeeping included.
  std::size_t bytes() const;
  /// Bytes of protocol frames among them.
  std::size_t control_bytes() const;
  /// Traffic frames among those that wait.
  std::size_t traffic_frames() const;
  /// Traffic frames dropped so far.
  struct Drops {
    std::uint64_t overflow = 0;
    std::uint64_t delay = 0;
  };
  Drops drops() const;
  std::uint64_t dropped_frames() const { return drops().overflow + drops().delay; }
  /// Memory of the queue itself, without the frames that wait.
  std::size_t state_bytes() const;
  /// Asserts the bounds and the bookkeeping; for debug builds and tests.
  void check_invariants() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace thicket::routing
