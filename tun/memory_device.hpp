#pragma once

#include <functional>
#include <vector>

#include "tun/device.hpp"

namespace thicket::tun {

/// A device without a kernel: tests and the demo play the host. Not thread-safe, does no I/O.
class MemoryDevice final : public Device {
 public:
  using PacketHandler = std::function<void(Packet)>;

  explicit MemoryDevice(std::string name = "memory", std::uint32_t mtu = 65535);

  const std::string& name() const override { return name_; }
  std::uint32_t mtu() const override { return mtu_; }
  void start(BatchHandler on_batch) override;
  void stop() override;
  void write(Packet packet) override;
  void flush() override;

  /// Plays the host sending packets: hands them to the handler before it returns. False if the
  /// device is not started: the packets are dropped.
  bool inject(Packet packet);
  bool inject(std::span<Packet> batch);

  /// Who gets the packets flushed to the host, one by one, instead of written(). The handler may
  /// inject packets.
  void on_written(PacketHandler handler);
  /// The packets flushed since they were last taken. Grows until take_written().
  const std::vector<Packet>& written() const { return written_; }
  std::vector<Packet> take_written();

 private:
  std::string name_;
  std::uint32_t mtu_;
  BatchHandler on_batch_;
  PacketHandler on_written_;
  std::vector<Packet> queued_;
  std::vector<Packet> written_;
};

}  // namespace thicket::tun
