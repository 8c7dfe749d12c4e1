#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "crypto/address.hpp"
#include "crypto/result.hpp"
#include "tun/device.hpp"

namespace asio {
class io_context;
}

namespace thicket::tun {

/// The name that lets the kernel choose one: tun0, tun1, …
inline constexpr const char* kAutoName = "auto";

/// Whether Linux takes `name` for one interface: 1 to 15 printable characters without space, /, :
/// and %.
bool is_valid_interface_name(std::string_view name);

/// Opens or makes a TUN interface with `address`/7 and `mtu` (1280–65535), up. `name`: kAutoName or
/// an interface name of at most 15 characters. The device works on `io`, which must outlive it; the
/// interface disappears with it. The error is a sentence for the user.
Result<std::unique_ptr<Device>, std::string> open_linux_device(asio::io_context& io,
                                                               const std::string& name,
                                                               const Address& address,
                                                               std::uint32_t mtu);

/// A TUN interface of Linux, with segmentation and checksum offloads where the kernel has them.
/// Nothing it does blocks.
class LinuxDevice final : public Device {
 public:
  /// The most that one readiness event reads (one super-packet over it): other work gets its turn.
  static constexpr std::size_t kBatchPackets = 64;
  static constexpr std::size_t kBatchBytes = 256 * 1024;
  /// What write() queues at most; it flushes by itself at either.
  static constexpr std::size_t kQueuedPackets = 256;
  static constexpr std::size_t kQueuedCapacity = 2 * 1024 * 1024;

  /// `descriptor`: a non-blocking TUN descriptor with IFF_VNET_HDR, owned from here on.
  struct Interface {
    int descriptor = -1;
    std::string name;
    std::uint32_t mtu = 0;
    bool merge_tcp = false;
    bool merge_udp = false;
  };
  LinuxDevice(asio::io_context& io, Interface interface);
  ~LinuxDevice() override;
  LinuxDevice(const LinuxDevice&) = delete;
  LinuxDevice& operator=(const LinuxDevice&) = delete;

  const std::string& name() const override;
  std::uint32_t mtu() const override;
  void start(BatchHandler on_batch) override;
  void stop() override;
  void write(Packet packet) override;
  void flush() override;
  void pause_reads(PauseHandler handler) override;
  void on_failure(FailureHandler handler) override;
  DeviceCounters counters() const override;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace thicket::tun
