#include "tun/memory_device.hpp"

#include <gtest/gtest.h>

#include "tun/packets.hpp"

namespace thicket::tun {
namespace {

using test::Bytes;

TEST(MemoryDevice, HandsInjectedPacketsToTheHandlerWhileStarted) {
  MemoryDevice device("m0", 1280);
  EXPECT_EQ(device.name(), "m0");
  EXPECT_EQ(device.mtu(), 1280U);
  EXPECT_FALSE(device.inject(Packet::copy_of(Bytes{1})));
  std::vector<Bytes> got;
  device.start([&](std::span<Packet> batch) {
    for (Packet& packet : batch) got.push_back(test::to_bytes(packet));
  });
  EXPECT_TRUE(device.inject(Packet::copy_of(Bytes{2})));
  device.stop();
  EXPECT_FALSE(device.inject(Packet::copy_of(Bytes{3})));
  EXPECT_EQ(got, std::vector<Bytes>{Bytes{2}});
}

TEST(MemoryDevice, ShowsWhatWasFlushed) {
  MemoryDevice device;
  device.write(Packet::copy_of(Bytes{1}));
  EXPECT_TRUE(device.written().empty());
  device.flush();
  EXPECT_EQ(test::to_bytes(device.take_written()), std::vector<Bytes>{Bytes{1}});
  EXPECT_TRUE(device.written().empty());
}

TEST(MemoryDevice, TheHostMayAnswerAtOnce) {
  MemoryDevice device;
  int answers = 0;
  device.start([&](std::span<Packet> batch) {
    if (++answers > 3) return;
    for (Packet& packet : batch) device.write(std::move(packet));
    device.flush();
  });
  device.on_written([&](Packet packet) { device.inject(std::move(packet)); });
  device.write(Packet::copy_of(Bytes{1}));
  device.flush();
  EXPECT_EQ(answers, 4);
}

}  // namespace
}  // namespace thicket::tun
