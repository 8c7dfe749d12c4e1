#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "crypto/packet.hpp"
#include "crypto/public_key.hpp"
#include "crypto/time.hpp"

namespace thicket::routing {

/// Frames waiting for one busy link (wire.md §6). Protocol frames go first, in order; traffic is
/// shared fairly between (destination, source) flows and bounded in bytes: over the bound, the
/// oldest frame of the longest flow of the largest destination is dropped. Within a flow, order is
/// kept. Memory held is bounded whatever is pushed.
class LinkQueue {
 public:
  struct Limits {
    std::size_t traffic_bytes;
    std::size_t control_bytes;  ///< protocol frames over this are refused
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
  std::size_t bytes() const;
  /// Bytes of protocol frames among them.
  std::size_t control_bytes() const;
  std::uint64_t dropped_frames() const;
  /// Asserts the bounds and the bookkeeping; for debug builds and tests.
  void check_invariants() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace thicket::routing
