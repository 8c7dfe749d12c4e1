#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tun/linux_device.hpp"
#include "tun/network_namespace.hpp"
#include "tun/packets.hpp"

namespace thicket::tun::test {

/// A socket that closes itself, with time limits on what blocks.
class Socket {
 public:
  Socket(int type, int protocol);
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&&) = delete;
  ~Socket();

  int get() const { return descriptor_; }
  /// These return whether it worked, and leave errno if not.
  bool set(int level, int option, int value) const;
  bool bind(const Address& address, std::uint16_t port) const;
  bool connect(const Address& address, std::uint16_t port) const;
  bool send_datagram(const Bytes& bytes) const;

 private:
  int descriptor_;
};

/// Waits until the kernel takes packets for an address of ours: it has the route for that a moment
/// after it has accepted the address, when duplicate address detection would end, from a work
/// queue.
bool wait_for_local_route(const Address& address);

/// Two hosts, each a namespace with a TUN device, and the test as the mesh between them.
class LinuxDeviceTest : public testing::Test {
 protected:
  using Visit = NetworkNamespace::Visit;

  void SetUp() override;
  Result<std::unique_ptr<Device>, std::string> open(std::size_t host, const std::string& name,
                                                    std::uint32_t mtu);
  /// Opens both devices and carries packets between them, checking each.
  void join(std::uint32_t mtu0, std::uint32_t mtu1);
  /// Runs the hosts' part in a thread of its own, and the mesh here until that is done.
  void run(const std::function<void()>& hosts);

  asio::io_context io_;
  std::array<std::optional<NetworkNamespace>, 2> hosts_;
  const std::array<Address, 2> addresses_{address("200:1::1"), address("200:2::1")};
  std::array<std::unique_ptr<Device>, 2> devices_;
  std::size_t largest_ = 0;  // of the packets carried
  std::size_t carried_ = 0;

 private:
  void carry(std::size_t from, Packet packet);
};

}  // namespace thicket::tun::test
