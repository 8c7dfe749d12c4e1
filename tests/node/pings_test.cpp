#include "node/pings.hpp"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "crypto/cryptography.hpp"
#include "node/echo.hpp"

namespace thicket::node {
namespace {

using End = PingOutcome::End;
using std::chrono::milliseconds;

PublicKey key_number(std::uint8_t number) {
  PublicKey key;
  key.bytes.fill(number);
  return key;
}

/// Pings of a node that has no links: what can be done without another one. For the rest see
/// ping_test.cpp.
class PingsTest : public ::testing::Test {
 protected:
  bool start(const PublicKey& to) {
    return pings.start(now, to, std::nullopt, {},
                       [this](const PingOutcome& outcome) { ends.push_back(outcome.end); });
  }
  void advance(Duration by) {
    now.steady += by;
    queries.tick(now);
    pings.tick(now);
  }
  std::size_t lookups() {
    std::size_t count = 0;
    while (const auto action = pings.next_action()) {
      count += std::holds_alternative<FindPinged>(*action) ? 1 : 0;
    }
    return count;
  }

  SeededRandom random{1};
  KeyPair identity = KeyPair::generate(random);
  SodiumCryptography cryptography;
  Time now{Instant(std::chrono::hours(1)), 1800000000};
  routing::Endpoint endpoint{identity, cryptography, random, {}, {}, now};
  RemoteQueries queries{endpoint.router(), "{}"};
  Pings pings{endpoint, queries, random};
  std::vector<End> ends;
};

TEST_F(PingsTest, WhoIsNotFoundInTimeIsNotThere) {
  ASSERT_TRUE(start(key_number(7)));
  EXPECT_EQ(lookups(), 1U);
  EXPECT_EQ(pings.next_deadline(), now.steady + Pings::kConnectTime);
  advance(Pings::kConnectTime - milliseconds(1));
  EXPECT_TRUE(ends.empty());
  advance(milliseconds(1));
  EXPECT_EQ(ends, std::vector<End>{End::not_found});
  EXPECT_EQ(pings.next_deadline(), std::nullopt);
}

TEST_F(PingsTest, WithoutASessionItEndsAsWell) {
  ASSERT_TRUE(start(key_number(7)));
  EXPECT_EQ(lookups(), 1U);
  advance(milliseconds(100));
  pings.resolved(now, key_number(8));
  EXPECT_EQ(queries.next_message(), std::nullopt) << "another node";
  pings.resolved(now, key_number(7));
  const auto question = queries.next_message();
  ASSERT_TRUE(question);
  EXPECT_EQ(question->to, key_number(7));
  advance(Pings::kConnectTime - milliseconds(1));
  EXPECT_TRUE(ends.empty());
  advance(milliseconds(1));
  EXPECT_EQ(ends, std::vector<End>{End::no_session});
}

TEST_F(PingsTest, TheSubnetAloneDoesNotMakeItTheNode) {
  // Lookups compare 64 bits of the address: here is one that differs after them.
  const PublicKey key = key_number(7);
  Address host = Address::of(key);
  host.bytes[15] ^= 1;
  ASSERT_TRUE(pings.start(now, partial_key(host), host, {},
                          [this](const PingOutcome& outcome) { ends.push_back(outcome.end); }));
  ASSERT_EQ(LookupKey::of(partial_key(host)), LookupKey::of(key));
  pings.resolved(now, key);
  EXPECT_EQ(queries.next_message(), std::nullopt);
  advance(Pings::kConnectTime);
  EXPECT_EQ(ends, std::vector<End>{End::not_found});
}

TEST_F(PingsTest, ManyAtOnceAreRefused) {
  for (std::size_t i = 0; i < Pings::kMost; ++i) ASSERT_TRUE(start(key_number(7)));
  EXPECT_FALSE(start(key_number(7)));
  advance(Pings::kConnectTime);
  EXPECT_EQ(ends.size(), Pings::kMost);
  EXPECT_TRUE(start(key_number(7)));
}

TEST_F(PingsTest, TooFastOnesAreRefused) {
  std::size_t taken = 0;
  for (int i = 0; i < 1000; ++i) {
    // Each ends at once: its question is one too many.
    taken += pings.start(now, key_number(7), std::nullopt, {}, [](const auto&) {}) ? 1 : 0;
    if (taken % Pings::kMost == 0) pings.tick({now.steady + Pings::kConnectTime, 0});
  }
  EXPECT_EQ(taken, Pings::kRate.burst);
}

TEST_F(PingsTest, EchoesOfTheHostAreLeftToIt) {
  ASSERT_TRUE(start(key_number(7)));
  const Address own = Address::of(identity.public_key());
  const Address other = Address::of(key_number(7));
  const Packet reply = make_echo({other, own, true, 0, 1}, 56);
  EXPECT_FALSE(pings.from_mesh(now, key_number(7), reply.bytes()));
  EXPECT_FALSE(pings.from_mesh(now, key_number(7), {}));
}

}  // namespace
}  // namespace thicket::node
