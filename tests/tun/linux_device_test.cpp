#include <gtest/gtest.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "tun/linux_device.hpp"
#include "tun/two_hosts.hpp"

namespace thicket::tun {
namespace {

using LinuxDeviceTest = test::LinuxDeviceTest;
using test::Socket;

TEST_F(LinuxDeviceTest, SetsTheInterfaceUp) {
  const auto device = open(0, "thicket-test0", 1400);
  ASSERT_TRUE(device) << device.error();
  EXPECT_EQ((*device)->name(), "thicket-test0");
  EXPECT_EQ((*device)->mtu(), 1400U);
  const Visit visit(*hosts_[0]);
  std::ifstream list("/proc/thread-self/net/if_inet6");
  std::vector<std::string> found;
  std::string line;
  while (std::getline(list, line)) {
    if (line.find("thicket-test0") != std::string::npos) found.push_back(line);
  }
  // Address, index, prefix length, scope, flags (80: permanent), name; and no link-local one.
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].substr(0, 32), "02000001000000000000000000000001");
  EXPECT_EQ(found[0].substr(36, 8), "07 00 82");  // 82: permanent, no duplicate detection
  const Socket socket(SOCK_DGRAM, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "thicket-test0");
  ASSERT_EQ(::ioctl(socket.get(), SIOCGIFMTU, &request), 0);
  EXPECT_EQ(request.ifr_mtu, 1400);
  ASSERT_EQ(::ioctl(socket.get(), SIOCGIFFLAGS, &request), 0);
  EXPECT_NE(request.ifr_flags & IFF_UP, 0);
}

TEST_F(LinuxDeviceTest, TheInterfaceGoesWithTheDevice) {
  auto device = open(0, "thicket-test1", 1400);
  ASSERT_TRUE(device);
  const Visit visit(*hosts_[0]);
  EXPECT_NE(if_nametoindex("thicket-test1"), 0U);
  device->reset();
  EXPECT_EQ(if_nametoindex("thicket-test1"), 0U);
}

TEST_F(LinuxDeviceTest, LetsTheKernelChooseAName) {
  const auto first = open(0, "auto", 1400);
  const auto second = open(0, "auto", 1400);
  ASSERT_TRUE(first);
  EXPECT_EQ((*first)->name(), "tun0");
  // Both have the same address, which the kernel does not mind on different interfaces.
  ASSERT_TRUE(second) << second.error();
  EXPECT_EQ((*second)->name(), "tun1");
}

TEST_F(LinuxDeviceTest, ExplainsWhatIsWrong) {
  const auto error = [&](const std::string& name, std::uint32_t mtu) {
    const auto device = open(0, name, mtu);
    return device ? std::string("none") : device.error();
  };
  using testing::HasSubstr;
  EXPECT_THAT(error("", 1400), HasSubstr("no interface name"));
  EXPECT_THAT(error("sixteen-letters-", 1400), HasSubstr("1 to 15"));
  EXPECT_THAT(error("a/b", 1400), HasSubstr("no interface name"));
  EXPECT_THAT(error("tun%d", 1400), HasSubstr("no interface name"));
  EXPECT_THAT(error("t", 1279), HasSubstr("1280 to 65535"));
  EXPECT_THAT(error("t", 65536), HasSubstr("1280 to 65535"));
  EXPECT_THAT(error("lo", 1400), HasSubstr("is no TUN"));
  const auto device = open(0, "thicket-test2", 1400);
  ASSERT_TRUE(device);
  EXPECT_THAT(error("thicket-test2", 1400), HasSubstr("in use by another program"));
}

TEST_F(LinuxDeviceTest, WorksWhereIpv6IsDisabledByDefault) {
  {
    const Visit visit(*hosts_[0]);
    std::ofstream("/proc/sys/net/ipv6/conf/default/disable_ipv6") << "1";
  }
  const auto device = open(0, "auto", 1400);
  EXPECT_TRUE(device) << device.error();
}

TEST_F(LinuxDeviceTest, SaysSoWhenTheInterfaceIsDeleted) {
  auto device = open(0, "thicket-test3", 1400);
  ASSERT_TRUE(device);
  std::string failure_text;
  (*device)->on_failure([&](const std::string& text) { failure_text = text; });
  (*device)->start([](std::span<Packet>) {});
  // Moving it to a namespace that goes away would do as well; `ip link delete` in short:
  const Visit visit(*hosts_[0]);
  ASSERT_EQ(std::system("ip link delete thicket-test3"), 0);
  io_.run_for(std::chrono::seconds(30));  // returns as soon as the device waits for nothing
  EXPECT_EQ(failure_text, "the interface thicket-test3 was deleted");
}

TEST_F(LinuxDeviceTest, StopsAndStartsAgain) {
  join(1400, 1400);
  const Visit visit(*hosts_[0]);
  const Socket socket(SOCK_DGRAM, 0);
  ASSERT_TRUE(socket.connect(addresses_[1], 9));
  std::size_t first = 0;
  std::size_t second = 0;
  Device& device = *devices_[0];
  device.start([&](std::span<Packet> batch) { first += batch.size(); });
  device.stop();
  device.start([&](std::span<Packet> batch) {
    second += batch.size();
    device.stop();
  });
  ASSERT_EQ(::send(socket.get(), "a", 1, 0), 1);
  io_.run_for(std::chrono::milliseconds(100));
  ASSERT_EQ(::send(socket.get(), "b", 1, 0), 1);
  io_.run_for(std::chrono::milliseconds(100));
  EXPECT_EQ(first, 0U);
  EXPECT_EQ(second, 1U);  // the second packet stays in the kernel
}

TEST_F(LinuxDeviceTest, ADeviceMayGoWhileACompletionIsOnItsWay) {
  join(1400, 1400);
  const Visit visit(*hosts_[0]);
  const Socket socket(SOCK_DGRAM, 0);
  ASSERT_TRUE(socket.connect(addresses_[1], 9));
  ASSERT_EQ(::send(socket.get(), "a", 1, 0), 1);
  devices_[0]->start([&](std::span<Packet>) { devices_[0].reset(); });
  io_.run_for(std::chrono::milliseconds(100));
  EXPECT_EQ(devices_[0], nullptr);
}

}  // namespace
}  // namespace thicket::tun
