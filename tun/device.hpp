#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "crypto/packet.hpp"

namespace thicket::tun {

/// The IPv6 side of a node: where whole IPv6 packets come from and go to. Implementations:
/// LinuxDevice (kernel TUN) and MemoryDevice (tests, demo).
class Device {
 public:
  /// Gets each batch of packets read from the device, in order; it may move them out.
  using BatchHandler = std::function<void(std::span<Packet>)>;

  virtual ~Device() = default;
  virtual const std::string& name() const = 0;
  virtual std::uint32_t mtu() const = 0;
  /// Starts reading. The handler is called on the owner's event loop until stop().
  virtual void start(BatchHandler on_batch) = 0;
  virtual void stop() = 0;
  /// Queues one IPv6 packet for the host; flush() writes what is queued, coalesced where the
  /// device can.
  virtual void write(Packet packet) = 0;
  virtual void flush() = 0;
};

}  // namespace thicket::tun
