#include "tun/memory_device.hpp"

#include <utility>

namespace thicket::tun {

MemoryDevice::MemoryDevice(std::string name, std::uint32_t mtu)
    : name_(std::move(name)), mtu_(mtu) {}

void MemoryDevice::start(BatchHandler on_batch) {
  on_batch_ = std::move(on_batch);
}

void MemoryDevice::stop() {
  on_batch_ = nullptr;
}

void MemoryDevice::write(Packet packet) {
  queued_.push_back(std::move(packet));
}

void MemoryDevice::flush() {
  // The handler may inject, and so cause further writes and a flush, while we are here.
  std::vector<Packet> batch = std::exchange(queued_, {});
  for (Packet& packet : batch) {
    if (on_written_) {
      on_written_(std::move(packet));
    } else {
      written_.push_back(std::move(packet));
    }
  }
}

bool MemoryDevice::inject(Packet packet) {
  return inject(std::span(&packet, 1));
}

bool MemoryDevice::inject(std::span<Packet> batch) {
  if (!on_batch_) return false;
  const BatchHandler handler = on_batch_;  // which may stop the device
  handler(batch);
  return true;
}

void MemoryDevice::on_written(PacketHandler handler) {
  on_written_ = std::move(handler);
}

std::vector<Packet> MemoryDevice::take_written() {
  return std::exchange(written_, {});
}

}  // namespace thicket::tun
