#include "tun/two_hosts.hpp"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <string>
#include <thread>
#include <utility>

namespace thicket::tun::test {
namespace {

constexpr auto kPatience = std::chrono::seconds(30);

sockaddr_in6 socket_address(const Address& address, std::uint16_t port) {
  sockaddr_in6 result{};
  result.sin6_family = AF_INET6;
  result.sin6_port = htons(port);
  std::memcpy(&result.sin6_addr, address.bytes.data(), 16);
  return result;
}

}  // namespace

bool wait_for_local_route(const Address& address) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  std::string digits;
  for (const std::uint8_t byte : address.bytes) digits += fmt::format("{:02x}", byte);
  while (std::chrono::steady_clock::now() < end) {
    std::ifstream routes("/proc/thread-self/net/ipv6_route");
    std::string line;
    while (std::getline(routes, line)) {
      if (line.starts_with(digits + " 80 ")) return true;
    }
    std::this_thread::yield();
  }
  return false;
}

Socket::Socket(int type, int protocol)
    : descriptor_(::socket(AF_INET6, type | SOCK_CLOEXEC, protocol)) {
  const timeval patience{20, 0};
  ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

Socket::Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Socket::~Socket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool Socket::set(int level, int option, int value) const {
  return ::setsockopt(descriptor_, level, option, &value, sizeof value) == 0;
}

bool Socket::bind(const Address& address, std::uint16_t port) const {
  const sockaddr_in6 to = socket_address(address, port);
  return ::bind(descriptor_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
}

bool Socket::connect(const Address& address, std::uint16_t port) const {
  const sockaddr_in6 to = socket_address(address, port);
  return ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0;
}

bool Socket::send_datagram(const Bytes& bytes) const {
  return ::send(descriptor_, bytes.data(), bytes.size(), 0) == static_cast<ssize_t>(bytes.size());
}

void LinuxDeviceTest::SetUp() {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make network namespaces";
  for (auto& host : hosts_) {
    host = NetworkNamespace::make();
    ASSERT_TRUE(host) << "root, but no network namespace: " << std::strerror(errno);
  }
}

Result<std::unique_ptr<Device>, std::string> LinuxDeviceTest::open(std::size_t host,
                                                                   const std::string& name,
                                                                   std::uint32_t mtu) {
  const Visit visit(*hosts_[host]);
  return open_linux_device(io_, name, addresses_[host], mtu);
}

void LinuxDeviceTest::join(std::uint32_t mtu0, std::uint32_t mtu1) {
  const std::array<std::uint32_t, 2> mtus{mtu0, mtu1};
  for (std::size_t host = 0; host < 2; ++host) {
    auto device = open(host, "auto", mtus[host]);
    ASSERT_TRUE(device) << device.error();
    devices_[host] = std::move(*device);
    const Visit visit(*hosts_[host]);
    ASSERT_TRUE(wait_for_local_route(addresses_[host]));
  }
  for (std::size_t host = 0; host < 2; ++host) {
    devices_[host]->start([this, host](std::span<Packet> batch) {
      for (Packet& packet : batch) carry(host, std::move(packet));
      devices_[1 - host]->flush();
    });
  }
}

void LinuxDeviceTest::carry(std::size_t from, Packet packet) {
  const Bytes bytes = to_bytes(packet);
  ASSERT_TRUE(Ipv6Header::parse(bytes));
  ASSERT_LE(bytes.size(), devices_[from]->mtu());
  if (bytes[6] == kProtocolTcp || bytes[6] == kProtocolUdp || bytes[6] == kProtocolIcmpv6) {
    ASSERT_TRUE(checksum_ok(bytes));
  }
  largest_ = std::max(largest_, bytes.size());
  ++carried_;
  devices_[1 - from]->write(std::move(packet));
}

void LinuxDeviceTest::run(const std::function<void()>& hosts) {
  std::atomic<bool> done = false;
  std::thread thread([&] {
    hosts();
    done = true;
  });
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!done && std::chrono::steady_clock::now() < end) {
    io_.run_for(std::chrono::milliseconds(5));
    io_.restart();
  }
  EXPECT_TRUE(done) << "not finished in time";
  thread.join();  // the sockets have time limits of their own
}

}  // namespace thicket::tun::test
