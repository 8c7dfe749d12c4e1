#include "tun/gateway.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <chrono>

#include "tun/address_cache.hpp"
#include "tun/packets.hpp"
#include "tun/pending_lookups.hpp"

namespace thicket::tun {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using test::Bytes;
using testing::ElementsAre;
using testing::IsEmpty;

/// Keys whose addresses and subnets all differ.
PublicKey key(std::uint16_t number) {
  PublicKey key;
  key.bytes.fill(0x5a);
  key.bytes[0] = 0x12;
  store_be16(key.bytes.data() + 1, number);
  return key;
}

Address host_in_subnet(const PublicKey& of, std::uint8_t host) {
  Address address;
  const Subnet subnet = Subnet::of(of);
  std::copy(subnet.bytes.begin(), subnet.bytes.end(), address.bytes.begin());
  address.bytes[15] = host;
  return address;
}

Bytes packet(const Address& source, const Address& destination, std::size_t payload = 10,
             std::uint16_t mark = 0) {
  return test::udp_packet({source, destination, mark, 9}, test::pattern(payload));
}

struct Sent {
  PublicKey to;
  Bytes packet;
  bool operator==(const Sent&) const = default;
};

/// A gateway, the time, and what it did.
class GatewayTest : public testing::Test {
 protected:
  static constexpr std::uint32_t kMtu = 2000;

  Time now() const { return {start_ + elapsed_, 1000}; }

  void from_host(const Bytes& bytes) {
    gateway_.from_device(now(), Packet::copy_of(bytes));
    collect();
  }
  void from_mesh(const PublicKey& from, const Bytes& bytes) {
    gateway_.from_mesh(now(), from, Packet::copy_of(bytes));
    collect();
  }
  void resolved(const PublicKey& found) {
    gateway_.resolved(now(), found);
    collect();
  }
  /// Lets time pass, ticking exactly at each deadline.
  void pass(Duration duration) {
    const Duration end = elapsed_ + duration;
    while (true) {
      const auto deadline = gateway_.next_deadline();
      if (!deadline || *deadline > start_ + end) break;
      ASSERT_GE(*deadline, start_ + elapsed_);
      elapsed_ = *deadline - start_;
      gateway_.tick(now());
      collect();
      ASSERT_NE(gateway_.next_deadline(), deadline) << "a deadline that does not pass";
    }
    elapsed_ = end;
  }
  void collect() {
    gateway_.check_invariants();
    while (auto action = gateway_.next_action()) {
      if (auto* send = std::get_if<SendToMesh>(&*action)) {
        ASSERT_FALSE(send->data.empty());
        EXPECT_EQ(send->data.bytes()[0], 1);
        send->data.pop_front(1);
        sent_.push_back({send->to, test::to_bytes(send->data)});
      } else if (auto* write = std::get_if<WriteToDevice>(&*action)) {
        written_.push_back(test::to_bytes(write->packet));
      } else {
        lookups_.push_back({elapsed_, std::get<ResolveKey>(*action).partial_key});
      }
    }
  }

  const PublicKey self_ = key(1);
  const PublicKey peer_ = key(2);
  const Address our_address_ = Address::of(self_);
  const Address peer_address_ = Address::of(peer_);
  const Instant start_{std::chrono::hours(1)};
  Duration elapsed_{};
  Gateway gateway_{self_, kMtu};
  std::vector<Sent> sent_;
  std::vector<Bytes> written_;
  std::vector<std::pair<Duration, PublicKey>> lookups_;
};

TEST_F(GatewayTest, ResolvesThenSendsInOrder) {
  const Bytes first = packet(our_address_, peer_address_, 10, 1);
  const Bytes second = packet(our_address_, peer_address_, 10, 2);
  from_host(first);
  from_host(second);
  ASSERT_EQ(lookups_.size(), 1U);
  EXPECT_EQ(lookups_[0].second, partial_key(peer_address_));
  EXPECT_THAT(sent_, IsEmpty());
  resolved(peer_);
  EXPECT_THAT(sent_, ElementsAre(Sent{peer_, first}, Sent{peer_, second}));
  from_host(first);
  EXPECT_EQ(sent_.size(), 3U);
  EXPECT_EQ(lookups_.size(), 1U);
  EXPECT_EQ(gateway_.counters().to_mesh, 3U);
}

TEST_F(GatewayTest, ResolvesSubnetsOncePerSubnet) {
  from_host(packet(our_address_, host_in_subnet(peer_, 1)));
  from_host(packet(host_in_subnet(self_, 7), host_in_subnet(peer_, 2)));
  ASSERT_EQ(lookups_.size(), 1U);
  EXPECT_EQ(lookups_[0].second, partial_key(Subnet::of(peer_)));
  resolved(peer_);
  EXPECT_EQ(sent_.size(), 2U);
  // The address of the same node is another question: its partial key has more bits.
  from_host(packet(our_address_, peer_address_));
  EXPECT_EQ(lookups_.size(), 2U);
}

TEST_F(GatewayTest, IgnoresKeysNobodyWaitsFor) {
  from_host(packet(our_address_, peer_address_));
  resolved(key(3));
  EXPECT_THAT(sent_, IsEmpty());
  from_host(packet(our_address_, Address::of(key(3))));
  EXPECT_EQ(lookups_.size(), 2U);  // nothing was remembered
}

TEST_F(GatewayTest, RepeatsLookupsWithBackOff) {
  from_host(packet(our_address_, peer_address_));
  pass(seconds(40));
  std::vector<Duration> times;
  for (const auto& lookup : lookups_) times.push_back(lookup.first);
  EXPECT_THAT(times,
              ElementsAre(milliseconds(0), milliseconds(250), milliseconds(750), milliseconds(1750),
                          milliseconds(3750), milliseconds(7750), milliseconds(15750),
                          milliseconds(23750), milliseconds(31750), milliseconds(39750)));
}

TEST_F(GatewayTest, GivesUpAMinuteAfterTheLastPacket) {
  from_host(packet(our_address_, peer_address_));
  pass(seconds(30));
  from_host(packet(our_address_, peer_address_));
  pass(seconds(59));
  const auto so_far = lookups_.size();
  pass(minutes(10));
  EXPECT_EQ(lookups_.size(), so_far);
  EXPECT_EQ(gateway_.next_deadline(), std::nullopt);
  resolved(peer_);
  EXPECT_THAT(sent_, IsEmpty());
  from_host(packet(our_address_, peer_address_));
  EXPECT_EQ(lookups_.size(), so_far + 1);
}

TEST_F(GatewayTest, AnswersUnreachableWhenAPacketHasWaitedTooLong) {
  const Bytes lost = packet(our_address_, peer_address_, 600);
  from_host(lost);
  pass(PendingLookups::kMaxWait - milliseconds(1));
  EXPECT_THAT(written_, IsEmpty());
  pass(milliseconds(1));
  ASSERT_EQ(written_.size(), 1U);
  const Bytes& answer = written_[0];
  EXPECT_TRUE(test::checksum_ok(answer));
  const auto header = Ipv6Header::parse(answer);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->source, our_address_);
  EXPECT_EQ(header->destination, our_address_);
  EXPECT_EQ(answer[40], 1);
  EXPECT_EQ(answer[41], 3);
  EXPECT_EQ(Bytes(answer.begin() + 48, answer.end()), Bytes(lost.begin(), lost.begin() + 512));
  EXPECT_EQ(gateway_.counters().device_unresolved, 1U);
  resolved(peer_);
  EXPECT_THAT(sent_, IsEmpty());  // answered or sent, never both
}

TEST_F(GatewayTest, KeepsTheNewestPacketsPerDestination) {
  for (std::uint16_t i = 0; i < 20; ++i) from_host(packet(our_address_, peer_address_, 10, i));
  resolved(peer_);
  ASSERT_EQ(sent_.size(), PendingLookups::kMaxPackets);
  EXPECT_EQ(sent_.front().packet, packet(our_address_, peer_address_, 10, 12));
  EXPECT_EQ(sent_.back().packet, packet(our_address_, peer_address_, 10, 19));
  EXPECT_EQ(gateway_.counters().device_overflow, 12U);
}

TEST_F(GatewayTest, BoundsDestinationsThatWaitAndDropsTheStalest) {
  const auto last = static_cast<std::uint16_t>(10 + PendingLookups::kMaxDestinations);
  for (std::uint16_t i = 10; i <= last; ++i) {
    from_host(packet(our_address_, Address::of(key(i))));
    pass(milliseconds(1));
  }
  resolved(key(10));
  EXPECT_THAT(sent_, IsEmpty());
  resolved(key(11));
  resolved(key(last));
  EXPECT_EQ(sent_.size(), 2U);
}

TEST_F(GatewayTest, ForgetsAKeyTwoMinutesAfterItsLastUse) {
  from_host(packet(our_address_, peer_address_));
  resolved(peer_);
  for (int i = 0; i < 3; ++i) {
    pass(seconds(119));
    from_host(packet(our_address_, peer_address_));
  }
  pass(seconds(119));
  from_mesh(peer_, packet(peer_address_, our_address_));  // use as well
  pass(seconds(119));
  from_host(packet(our_address_, peer_address_));
  EXPECT_EQ(lookups_.size(), 1U);
  pass(seconds(120));
  EXPECT_EQ(gateway_.next_deadline(), std::nullopt);
  from_host(packet(our_address_, peer_address_));
  EXPECT_EQ(lookups_.size(), 2U);
}

TEST_F(GatewayTest, LearnsWhereToAnswer) {
  from_mesh(peer_, packet(peer_address_, our_address_));
  from_mesh(peer_, packet(host_in_subnet(peer_, 1), host_in_subnet(self_, 1)));
  EXPECT_EQ(written_.size(), 2U);
  from_host(packet(our_address_, peer_address_));
  from_host(packet(our_address_, host_in_subnet(peer_, 9)));
  EXPECT_THAT(lookups_, IsEmpty());
  EXPECT_EQ(sent_.size(), 2U);
}

TEST_F(GatewayTest, APacketFromADestinationReleasesWhatWaitsForIt) {
  from_host(packet(our_address_, peer_address_));
  from_mesh(peer_, packet(peer_address_, our_address_));
  EXPECT_EQ(sent_.size(), 1U);
}

TEST_F(GatewayTest, StrangersDoNotDisplaceKeysTheHostUses) {
  from_host(packet(our_address_, peer_address_));
  resolved(peer_);
  for (std::uint16_t i = 10; i < 10 + 2 * AddressCache::kMaxLearned; ++i) {
    from_mesh(key(i), packet(Address::of(key(i)), our_address_));
  }
  from_host(packet(our_address_, peer_address_));
  EXPECT_EQ(lookups_.size(), 1U);
  from_host(packet(our_address_, Address::of(key(10))));  // the first stranger is forgotten
  EXPECT_EQ(lookups_.size(), 2U);
}

TEST_F(GatewayTest, DropsHostPacketsThatAreNotOurs) {
  const Bytes good = packet(our_address_, peer_address_);
  Bytes bad = good;
  bad[0] = 0x45;
  from_host(bad);
  bad = good;
  bad.pop_back();
  from_host(bad);
  from_host({});
  from_host(Bytes(39, 0x60));
  EXPECT_EQ(gateway_.counters().device_malformed, 4U);
  from_host(packet(peer_address_, peer_address_));
  from_host(packet(test::address("fe80::1"), test::address("ff02::2")));
  EXPECT_EQ(gateway_.counters().device_foreign_source, 2U);
  EXPECT_THAT(written_, IsEmpty());
  EXPECT_THAT(lookups_, IsEmpty());
}

TEST_F(GatewayTest, AnswersNoRouteOutsideTheMesh) {
  for (const Address& outside : {test::address("2001:db8::1"), test::address("1ff::1"),
                                 test::address("400::1"), host_in_subnet(self_, 9)}) {
    written_.clear();
    from_host(packet(our_address_, outside));
    ASSERT_EQ(written_.size(), 1U);
    EXPECT_EQ(written_[0][40], 1);
    EXPECT_EQ(written_[0][41], 0);
    EXPECT_TRUE(test::checksum_ok(written_[0]));
  }
  written_.clear();
  from_host(packet(our_address_, test::address("ff02::2")));
  EXPECT_THAT(written_, IsEmpty());  // never about multicast
  EXPECT_EQ(gateway_.counters().device_no_route, 5U);
}

TEST_F(GatewayTest, LimitsTheRateOfErrorsToTheHost) {
  for (int i = 0; i < 1000; ++i) from_host(packet(our_address_, test::address("2001:db8::1")));
  EXPECT_LT(written_.size(), 100U);
  EXPECT_GT(gateway_.counters().icmp_limited, 900U);
  pass(seconds(10));
  written_.clear();
  from_host(packet(our_address_, test::address("2001:db8::1")));
  EXPECT_EQ(written_.size(), 1U);
}

TEST_F(GatewayTest, NeverAnswersAnErrorWithAnError) {
  from_host(packet(our_address_, test::address("2001:db8::1"), 600));
  ASSERT_EQ(written_.size(), 1U);
  Bytes error = written_[0];
  std::copy_n(test::address("2001:db8::1").bytes.begin(), 16, error.begin() + 24);
  from_host(error);
  EXPECT_EQ(written_.size(), 1U);
  error[40] = 128;  // an echo request is none
  from_host(error);
  EXPECT_EQ(written_.size(), 2U);
}

TEST_F(GatewayTest, DeliversPacketsForUs) {
  const Bytes to_address = packet(peer_address_, our_address_);
  const Bytes to_subnet = packet(host_in_subnet(peer_, 1), host_in_subnet(self_, 2));
  from_mesh(peer_, to_address);
  from_mesh(peer_, to_subnet);
  EXPECT_THAT(written_, ElementsAre(to_address, to_subnet));
  EXPECT_EQ(gateway_.counters().to_device, 2U);
}

TEST_F(GatewayTest, DropsMeshPacketsThatLie) {
  from_mesh(peer_, packet(Address::of(key(3)), our_address_));
  from_mesh(peer_, packet(our_address_, our_address_));
  from_mesh(peer_, packet(test::address("2001:db8::1"), our_address_));
  from_mesh(peer_, packet(host_in_subnet(key(3), 1), our_address_));
  EXPECT_EQ(gateway_.counters().mesh_foreign_source, 4U);
  from_mesh(peer_, packet(peer_address_, Address::of(key(3))));
  from_mesh(peer_, packet(peer_address_, test::address("ff02::1")));
  EXPECT_EQ(gateway_.counters().mesh_foreign_destination, 2U);
  Bytes bad = packet(peer_address_, our_address_);
  bad.push_back(0);
  from_mesh(peer_, bad);
  from_mesh(peer_, {});
  bad.pop_back();
  bad[0] = 0x70;
  from_mesh(peer_, bad);
  EXPECT_EQ(gateway_.counters().mesh_malformed, 3U);
  EXPECT_THAT(written_, IsEmpty());
  from_host(packet(our_address_, Address::of(key(3))));
  EXPECT_EQ(lookups_.size(), 1U);  // nothing was learned from lies
}

TEST_F(GatewayTest, ALiveEntryIsNotReplacedByAnotherKeyOfTheSameSubnet) {
  PublicKey twin = peer_;
  twin.bytes[31] ^= 1;  // beyond the bits that a subnet holds
  ASSERT_EQ(Subnet::of(twin), Subnet::of(peer_));
  from_host(packet(our_address_, host_in_subnet(peer_, 1)));
  resolved(peer_);
  from_mesh(twin, packet(host_in_subnet(peer_, 1), our_address_));
  from_host(packet(our_address_, host_in_subnet(peer_, 1)));
  ASSERT_EQ(sent_.size(), 2U);
  EXPECT_EQ(sent_[1].to, peer_);
}

TEST_F(GatewayTest, AnswersPacketTooBig) {
  const Bytes fits = packet(peer_address_, our_address_, kMtu - 48);
  const Bytes big = packet(peer_address_, our_address_, kMtu - 47);
  from_mesh(peer_, fits);
  EXPECT_EQ(written_.size(), 1U);
  EXPECT_THAT(sent_, IsEmpty());
  from_mesh(peer_, big);
  EXPECT_EQ(written_.size(), 1U);
  ASSERT_EQ(sent_.size(), 1U);
  EXPECT_EQ(sent_[0].to, peer_);
  const Bytes& answer = sent_[0].packet;
  const auto header = Ipv6Header::parse(answer);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->source, our_address_);
  EXPECT_EQ(header->destination, peer_address_);
  EXPECT_EQ(header->hop_limit, 255);
  EXPECT_EQ(header->next_header, 58);
  EXPECT_TRUE(test::checksum_ok(answer));
  EXPECT_EQ(answer[40], 2);
  EXPECT_EQ(answer[41], 0);
  EXPECT_EQ(load_be32(answer.data() + 44), kMtu);
  EXPECT_EQ(Bytes(answer.begin() + 48, answer.end()), Bytes(big.begin(), big.begin() + 512));
  EXPECT_EQ(gateway_.counters().mesh_too_big, 1U);
}

TEST_F(GatewayTest, LimitsPacketTooBigPerSender) {
  const PublicKey other = key(3);
  for (int i = 0; i < 100; ++i) from_mesh(peer_, packet(peer_address_, our_address_, kMtu));
  EXPECT_EQ(sent_.size(), 10U);
  from_mesh(other, packet(Address::of(other), our_address_, kMtu));
  EXPECT_EQ(sent_.size(), 11U);
  pass(milliseconds(100));
  from_mesh(peer_, packet(peer_address_, our_address_, kMtu));
  EXPECT_EQ(sent_.size(), 12U);
}

TEST_F(GatewayTest, BoundsTheSendersOfOversizedPackets) {
  for (std::uint16_t i = 10; i < 600; ++i) {
    from_mesh(key(i), packet(Address::of(key(i)), our_address_, kMtu));  // checks the invariants
  }
  EXPECT_EQ(sent_.size(), 590U);
}

TEST_F(GatewayTest, AnswersTheHostWhenAPacketIsOverTheMtu) {
  from_host(packet(our_address_, peer_address_, kMtu));
  ASSERT_EQ(written_.size(), 1U);
  EXPECT_EQ(written_[0][40], 2);
  EXPECT_THAT(lookups_, IsEmpty());
}

RC_GTEST_FIXTURE_PROP(GatewayTest, KeepsItsLimitsAndSendsOnlyToTheRightKey, ()) {
  const auto steps = *rc::gen::inRange(0, 300);
  for (int i = 0; i < steps; ++i) {
    const PublicKey other = key(*rc::gen::inRange<std::uint16_t>(2, 6));
    const Address theirs =
        *rc::gen::arbitrary<bool>() ? Address::of(other) : host_in_subnet(other, 1);
    const auto size = *rc::gen::inRange<std::size_t>(0, 2100);
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
        from_host(packet(our_address_, theirs, size));
        break;
      case 1:
        from_mesh(other, packet(theirs, our_address_, size));
        break;
      case 2:
        resolved(other);
        break;
      default:
        pass(milliseconds(*rc::gen::inRange(0, 40000)));
    }
  }
  for (const Sent& sent : sent_) {
    const auto header = Ipv6Header::parse(sent.packet);
    RC_ASSERT(header.has_value());
    RC_ASSERT(belongs_to(header->source, self_));
    RC_ASSERT(belongs_to(header->destination, sent.to));
    RC_ASSERT(sent.packet.size() <= kMtu);
  }
  const GatewayCounters counters = gateway_.counters();
  RC_ASSERT(sent_.size() == counters.to_mesh + counters.icmp_to_mesh);
  RC_ASSERT(written_.size() == counters.to_device + counters.icmp_to_host);
  RC_ASSERT(lookups_.size() == counters.lookups);
}

}  // namespace
}  // namespace thicket::tun
