#include "transport/beacon_gate.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <vector>

#include "crypto/random.hpp"
#include "transport/limits.hpp"

namespace thicket::transport {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

PublicKey key_number(std::uint64_t number) {
  PublicKey key;
  for (std::size_t i = 0; i < 8; ++i) {
    key.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  key.bytes[31] = 1;
  return key;
}

class BeaconGateTest : public ::testing::Test {
 protected:
  std::optional<Beacon> take(const Bytes& datagram, LocalLoad load = {}) {
    return gate.take(now, datagram, [load](const PublicKey&) { return load; });
  }

  PublicKey self = key_number(0);
  Instant now{1h};
  BeaconGate gate{self, "secret"};
};

TEST_F(BeaconGateTest, LetsABeaconWithOurPasswordThrough) {
  const Beacon beacon{key_number(1), 4321};
  EXPECT_EQ(take(encode_beacon(beacon, "secret")), beacon);
  EXPECT_EQ(take(encode_beacon(beacon, "other")), std::nullopt);
  EXPECT_EQ(take(encode_beacon(beacon, "")), std::nullopt);
  EXPECT_EQ(take({}), std::nullopt);
}

TEST_F(BeaconGateTest, IgnoresOurselvesAndThoseNobodyCanDial) {
  EXPECT_EQ(take(encode_beacon({self, 4321}, "secret")), std::nullopt);
  EXPECT_EQ(take(encode_beacon({key_number(1), 0}, "secret")), std::nullopt);
}

TEST_F(BeaconGateTest, DialsNobodyWhoIsLinkedOrBeingDialled) {
  const Bytes datagram = encode_beacon({key_number(1), 1}, "secret");
  EXPECT_FALSE(take(datagram, {.linked = true}));
  EXPECT_TRUE(take(datagram, {.linked = false}));
}

TEST_F(BeaconGateTest, KeepsToTheLimitsOfTheInterface) {
  const Bytes datagram = encode_beacon({key_number(1), 1}, "secret");
  EXPECT_FALSE(take(datagram, {.dialling = kMaxLocalDialling}));
  EXPECT_TRUE(take(datagram, {.dialling = kMaxLocalDialling - 1}));
  EXPECT_FALSE(take(datagram, {.dialled = kMaxLocalPeers}));
  EXPECT_TRUE(take(datagram, {.dialled = kMaxLocalPeers - 1}));
}

TEST_F(BeaconGateTest, AsksForTheLoadOfTheKeyInTheBeacon) {
  std::optional<PublicKey> asked;
  gate.take(now, encode_beacon({key_number(7), 1}, "secret"), [&](const PublicKey& key) {
    asked = key;
    return LocalLoad{};
  });
  EXPECT_EQ(asked, key_number(7));
}

TEST_F(BeaconGateTest, AFloodIsReadNoFasterThanTheLimit) {
  const Bytes garbage(142);
  std::size_t read = 0;
  while (gate.may_read(now) && read < 10 * kBeaconRate.burst) {
    take(garbage);
    ++read;
  }
  EXPECT_EQ(read, kBeaconRate.burst);
  EXPECT_GT(gate.readable_at(), now);
  EXPECT_FALSE(take(encode_beacon({key_number(1), 1}, "secret")));
  now = gate.readable_at();
  EXPECT_TRUE(gate.may_read(now));
  EXPECT_TRUE(take(encode_beacon({key_number(1), 1}, "secret")));
}

/// Beacons forged at any pace, each with another key: dials stay within rate and burst.
RC_GTEST_PROP(BeaconGate, DialsStayWithinTheirRate, (std::uint64_t seed)) {
  SeededRandom random(seed);
  BeaconGate gate(key_number(0), "");
  const Instant start{1h};
  Instant now = start;
  std::uint64_t dials = 0;
  for (std::uint64_t number = 1; number < 400; ++number) {
    now += Duration(std::chrono::milliseconds(random.below(100)));
    const auto beacon = gate.take(now, encode_beacon({key_number(number), 1}, ""),
                                  [](const PublicKey&) { return LocalLoad{}; });
    if (beacon) ++dials;
    const auto seconds = std::chrono::duration<double>(now - start).count();
    RC_ASSERT(static_cast<double>(dials) <=
              kLocalDialRate.burst + seconds * kLocalDialRate.per_second);
  }
  RC_ASSERT(dials >= kLocalDialRate.burst);
}

}  // namespace
}  // namespace thicket::transport
