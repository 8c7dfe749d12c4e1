#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <optional>
#include <thread>

#include "tun/gateway.hpp"
#include "tun/linux_device.hpp"
#include "tun/two_hosts.hpp"

namespace thicket::tun {
namespace {

using test::Bytes;
using test::NetworkNamespace;
using test::Socket;
using Visit = NetworkNamespace::Visit;
class LinuxDeviceTrafficTest : public test::LinuxDeviceTest {};

/// What one transfer over TCP needs of both hosts.
class Transfer {
 public:
  explicit Transfer(std::size_t size) : data_(test::pattern(size)) {}

  void operator()(const NetworkNamespace& from, const NetworkNamespace& to,
                  const Address& destination) {
    std::optional<Socket> listener;
    {
      const Visit visit(to);
      listener.emplace(SOCK_STREAM, 0);
      ASSERT_TRUE(listener->bind(destination, 5000)) << std::strerror(errno);
      ASSERT_EQ(::listen(listener->get(), 1), 0);
    }
    std::thread receiver([&] { receive(*listener); });
    send(from, destination);
    receiver.join();
    EXPECT_EQ(received_.size(), data_.size());
    EXPECT_TRUE(received_ == data_);
  }

 private:
  void send(const NetworkNamespace& from, const Address& destination) {
    const Visit visit(from);
    const Socket socket(SOCK_STREAM, 0);
    ASSERT_TRUE(socket.connect(destination, 5000)) << std::strerror(errno);
    for (std::size_t at = 0; at < data_.size();) {
      const ssize_t count =
          ::send(socket.get(), data_.data() + at, data_.size() - at, MSG_NOSIGNAL);
      ASSERT_GT(count, 0) << std::strerror(errno);
      at += static_cast<std::size_t>(count);
    }
  }

  void receive(const Socket& listener) {
    const Socket socket(::accept(listener.get(), nullptr, nullptr));
    ASSERT_GE(socket.get(), 0) << std::strerror(errno);
    Bytes buffer(1 << 18);
    while (true) {
      const ssize_t count = ::recv(socket.get(), buffer.data(), buffer.size(), 0);
      ASSERT_GE(count, 0) << std::strerror(errno);
      if (count == 0) break;
      received_.insert(received_.end(), buffer.begin(), buffer.begin() + count);
    }
  }

  Bytes data_;
  Bytes received_;
};

TEST_F(LinuxDeviceTrafficTest, CarriesTcpInSegmentsThatTheSmallerMtuAllows) {
  join(65535, 1280);
  run([&] { Transfer(8 << 20)(*hosts_[0], *hosts_[1], addresses_[1]); });
  // The sender's kernel gave us super-packets, and we gave some to the receiver's.
  EXPECT_EQ(largest_, 1280U);
  const DeviceCounters sender = devices_[0]->counters();
  const DeviceCounters receiver = devices_[1]->counters();
  EXPECT_GT(sender.super_packets_read, 10U);
  EXPECT_GT(receiver.super_packets_written, 10U);
  EXPECT_GE(sender.packets_read, (8U << 20) / 1220);
  EXPECT_EQ(sender.packets_read + receiver.packets_read, carried_);
  EXPECT_EQ(receiver.packets_written, sender.packets_read);
  EXPECT_EQ(sender.reads_malformed + sender.writes_failed + receiver.reads_malformed +
                receiver.writes_failed,
            0U);
}

TEST_F(LinuxDeviceTrafficTest, CarriesTcpTowardsTheLargerMtu) {
  join(1280, 65535);
  run([&] { Transfer(8 << 20)(*hosts_[0], *hosts_[1], addresses_[1]); });
  EXPECT_EQ(largest_, 1280U);
  EXPECT_GT(devices_[1]->counters().super_packets_written, 10U);
}

TEST_F(LinuxDeviceTrafficTest, CarriesTcpInTheLargestPackets) {
  join(65535, 65535);
  run([&] { Transfer(32 << 20)(*hosts_[0], *hosts_[1], addresses_[1]); });
  EXPECT_GT(largest_, 60000U);
}

TEST_F(LinuxDeviceTrafficTest, LosesNothingWhileReadsPause) {
  join(65535, 65535);
  int pauses = 0;
  devices_[0]->pause_reads([&] {
    ++pauses;
    return std::chrono::microseconds(200);
  });
  run([&] { Transfer(8 << 20)(*hosts_[0], *hosts_[1], addresses_[1]); });
  EXPECT_GT(pauses, 10);
}

TEST_F(LinuxDeviceTrafficTest, CarriesUdpOfEverySize) {
  join(65535, 65535);
  run([&] {
    std::optional<Socket> receiver;
    {
      const Visit visit(*hosts_[1]);
      receiver.emplace(SOCK_DGRAM, 0);
      ASSERT_TRUE(receiver->bind(addresses_[1], 5000));
    }
    const Visit visit(*hosts_[0]);
    const Socket sender(SOCK_DGRAM, 0);
    ASSERT_TRUE(sender.connect(addresses_[1], 5000));
    Bytes buffer(70000);
    for (const std::size_t size : {0, 1, 2, 100, 1232, 1551, 1552, 1553, 1599, 1601, 9000, 65487}) {
      const Bytes data = test::pattern(size);
      ASSERT_EQ(::send(sender.get(), data.data(), size, 0), static_cast<ssize_t>(size))
          << std::strerror(errno);
      const ssize_t count = ::recv(receiver->get(), buffer.data(), buffer.size(), 0);
      ASSERT_EQ(count, static_cast<ssize_t>(size)) << std::strerror(errno);
      ASSERT_TRUE(std::equal(data.begin(), data.end(), buffer.begin())) << size;
    }
  });
  EXPECT_EQ(largest_, 65535U);
}

TEST_F(LinuxDeviceTrafficTest, CutsAndMergesUdpSegments) {
  join(1400, 1400);
  constexpr std::size_t kSize = 1000;
  constexpr std::size_t kCount = 40;
  run([&] {
    std::optional<Socket> receiver;
    {
      const Visit visit(*hosts_[1]);
      receiver.emplace(SOCK_DGRAM, 0);
      ASSERT_TRUE(receiver->bind(addresses_[1], 5000));
    }
    const Visit visit(*hosts_[0]);
    const Socket sender(SOCK_DGRAM, 0);
    ASSERT_TRUE(sender.set(IPPROTO_UDP, UDP_SEGMENT, kSize));
    ASSERT_TRUE(sender.connect(addresses_[1], 5000));
    const Bytes data = test::pattern(kSize * kCount - 1);
    ASSERT_EQ(::send(sender.get(), data.data(), data.size(), 0), static_cast<ssize_t>(data.size()))
        << std::strerror(errno);
    Bytes received;
    Bytes buffer(70000);
    for (std::size_t i = 0; i < kCount; ++i) {
      const ssize_t count = ::recv(receiver->get(), buffer.data(), buffer.size(), 0);
      ASSERT_EQ(count, static_cast<ssize_t>(i + 1 < kCount ? kSize : kSize - 1))
          << std::strerror(errno);
      received.insert(received.end(), buffer.begin(), buffer.begin() + count);
    }
    ASSERT_TRUE(received == data);
  });
  const DeviceCounters sender = devices_[0]->counters();
  const DeviceCounters receiver = devices_[1]->counters();
  EXPECT_EQ(sender.packets_read, kCount);
  EXPECT_EQ(receiver.packets_written, kCount);
  EXPECT_EQ(receiver.writes_failed, 0U);
  if (sender.super_packets_read > 0) {  // since Linux 6.2, and then both ways
    EXPECT_EQ(receiver.super_packets_written, 1U);
  }
}

TEST_F(LinuxDeviceTrafficTest, AnswersPings) {
  join(65535, 1280);
  run([&] {
    const Visit visit(*hosts_[0]);
    const Socket socket(SOCK_RAW, IPPROTO_ICMPV6);
    ASSERT_TRUE(socket.connect(addresses_[1], 0));
    Bytes request(1000);
    request[0] = 128;
    request[5] = 77;
    ASSERT_EQ(::send(socket.get(), request.data(), request.size(), 0),
              static_cast<ssize_t>(request.size()));
    Bytes reply(2000);
    const ssize_t count = ::recv(socket.get(), reply.data(), reply.size(), 0);
    ASSERT_EQ(count, static_cast<ssize_t>(request.size())) << std::strerror(errno);
    EXPECT_EQ(reply[0], 129);
    EXPECT_EQ(reply[5], 77);
  });
}

TEST_F(LinuxDeviceTrafficTest, TheHostHearsThatADestinationIsUnreachable) {
  PublicKey self;
  self.bytes.fill(0x21);
  PublicKey other;
  other.bytes.fill(0x22);
  Gateway gateway(self, 1400);
  Time now{Instant(std::chrono::hours(1)), 1};
  const Visit visit(*hosts_[0]);
  auto device = open_linux_device(io_, "auto", Address::of(self), 1400);
  ASSERT_TRUE(device) << device.error();
  test::wait_for_local_route(Address::of(self));
  (*device)->start([&](std::span<Packet> batch) {
    for (Packet& packet : batch) gateway.from_device(now, std::move(packet));
    (*device)->stop();
  });
  const Socket socket(SOCK_DGRAM, 0);
  ASSERT_TRUE(socket.set(IPPROTO_IPV6, IPV6_RECVERR, 1));  // as ping has it
  ASSERT_TRUE(socket.connect(Address::of(other), 9));
  ASSERT_TRUE(socket.send_datagram(test::pattern(10)));
  io_.run_for(std::chrono::seconds(30));  // returns as soon as the packet has come
  now.steady += std::chrono::seconds(10);
  gateway.tick(now);
  std::size_t answers = 0;
  while (auto action = gateway.next_action()) {
    if (auto* write = std::get_if<WriteToDevice>(&*action)) {
      (*device)->write(std::move(write->packet));
      ++answers;
    }
  }
  ASSERT_EQ(answers, 1U);
  (*device)->flush();
  char byte = 0;
  EXPECT_EQ(::recv(socket.get(), &byte, 1, 0), -1);
  EXPECT_EQ(errno, EHOSTUNREACH) << std::strerror(errno);
}

}  // namespace
}  // namespace thicket::tun
