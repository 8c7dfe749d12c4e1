#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "crypto/packet.hpp"

namespace thicket::tun {

/// What passed through a device since it was opened, seen from the host.
struct DeviceCounters {
  std::uint64_t packets_read = 0;  ///< after cutting super-packets
  std::uint64_t bytes_read = 0;
  std::uint64_t super_packets_read = 0;
  std::uint64_t packets_written = 0;  ///< before merging
  std::uint64_t bytes_written = 0;    ///< with the headers of super-packets counted once
  std::uint64_t super_packets_written = 0;
  std::uint64_t reads_malformed = 0;  ///< dropped: what the kernel gave could not be cut
  std::uint64_t writes_blocked = 0;   ///< packets dropped: the kernel would not take more
  std::uint64_t writes_failed = 0;    ///< packets dropped: any other error, as interface down
};

/// The IPv6 side of a node: where whole IPv6 packets come from and go to. Implementations:
/// LinuxDevice (kernel TUN) and MemoryDevice (tests, demo).
class Device {
 public:
  /// Gets each batch of packets read from the device, in order; it may move them out.
  using BatchHandler = std::function<void(std::span<Packet>)>;

  /// Gets a sentence for the user.
  using FailureHandler = std::function<void(const std::string&)>;

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

  /// Who hears, at most once, that the device is gone (as when the interface was deleted) and no
  /// packet will be read or written any more.
  virtual void on_failure(FailureHandler) {}
  /// Who is asked, after each batch, how long further packets are to stay with the host; 0: not at
  /// all. The host's own queues hold back who sends, where ours could only drop.
  using PauseHandler = std::function<std::chrono::nanoseconds()>;
  virtual void pause_reads(PauseHandler) {}
  virtual DeviceCounters counters() const { return {}; }
};

}  // namespace thicket::tun
