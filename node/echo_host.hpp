#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>

#include "crypto/address.hpp"
#include "crypto/packet.hpp"
#include "tun/memory_device.hpp"

namespace thicket::node {

/// A host behind a memory device: answers pings and sends some. For the demo and for tests.
class EchoHost {
 public:
  using Clock = std::chrono::steady_clock;
  /// Called with who answered and how long that took.
  using AnswerHandler = std::function<void(const Address& from, Clock::duration round_trip)>;

  /// `device` must outlive the host.
  EchoHost(tun::MemoryDevice& device, const Address& address, AnswerHandler on_answer);

  /// Sends one ping to `to`, with `data_size` bytes of data.
  void ping(const Address& to, std::size_t data_size = 0);

 private:
  void received(Packet packet);

  // Pings to one address that may still be answered; older ones are forgotten.
  static constexpr std::size_t kRemembered = 64;
  struct Target {
    std::uint16_t next_sequence = 0;
    std::array<Clock::time_point, kRemembered> sent{};
  };

  tun::MemoryDevice& device_;
  const Address address_;
  AnswerHandler on_answer_;
  std::map<Address, Target> targets_;
};

}  // namespace thicket::node
