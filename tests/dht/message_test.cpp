#include "routing/dht/message.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "dht/generators.hpp"
#include "routing/dht/limits.hpp"

namespace thicket::routing::dht {
namespace {

using Bytes = std::vector<std::uint8_t>;

RC_GTEST_PROP(DhtMessage, DecodesWhatWasEncoded, ()) {
  const Datagram datagram = *test::any_datagram();
  const auto size_min = *rc::gen::inRange<std::size_t>(0, 3000);
  const Bytes bytes = encode_datagram(datagram, size_min);
  RC_ASSERT(bytes.size() >= size_min);
  const auto decoded = decode_datagram(bytes);
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == datagram);
  Bytes longer = bytes;
  longer.push_back(0xc0);
  RC_ASSERT(!decode_datagram(longer));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    RC_ASSERT(!decode_datagram(ByteView(bytes).first(size)));
  }
}

RC_GTEST_PROP(DhtMessage, AReplyIsNeverLongerThanItsRequest, ()) {
  const Datagram reply = *test::any_datagram();
  const auto size = *rc::gen::inRange<std::size_t>(0, 1500);
  const auto bytes = encode_reply(reply, size);
  if (!bytes) return;
  RC_ASSERT(bytes->size() <= size);
  const auto decoded = decode_datagram(*bytes);
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(decoded->txid == reply.txid);
  RC_ASSERT(decoded->body.index() == reply.body.index());
}

RC_GTEST_PROP(DhtMessage, ChangedBytesAreNeverFatal, ()) {
  Bytes bytes = encode_datagram(*test::any_datagram());
  const auto changes = *rc::gen::inRange(1, 8);
  for (int i = 0; i < changes; ++i) {
    bytes[*rc::gen::inRange<std::size_t>(1, bytes.size())] = *rc::gen::arbitrary<std::uint8_t>();
  }
  const auto decoded = decode_datagram(bytes);
  if (decoded) {
    const auto again = decode_datagram(encode_datagram(*decoded));
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == *decoded);
  } else {
    RC_ASSERT(!describe(decoded.error()).empty());
  }
}

TEST(DhtMessage, PadsToTheByte) {
  const Datagram ping{{}, std::nullopt, Ping{}};
  const std::size_t bare = encode_datagram(ping).size();
  for (const std::size_t more : {2, 3, 100, 257, 259, 1000}) {
    EXPECT_EQ(encode_datagram(ping, bare + more).size(), bare + more);
  }
}

TEST(DhtMessage, IsNeverShorterThanAsked) {
  const Datagram ping{{}, std::nullopt, Ping{}};
  const std::size_t bare = encode_datagram(ping).size();
  for (std::size_t more = 0; more < 600; ++more) {
    const std::size_t size = encode_datagram(ping, bare + more).size();
    EXPECT_GE(size, bare + more);
    EXPECT_LE(size, bare + more + 1 + (more == 1 ? 1 : 0));
  }
}

TEST(DhtMessage, LeavesTheSenderAwayBeforeRecords) {
  PathRecord record;
  const Datagram reply{{}, record, Found{{record, record}}};
  const std::size_t all = encode_datagram(reply).size();
  const auto without = decode_datagram(encode_reply(reply, all - 1).value()).value();
  EXPECT_FALSE(without.sender.has_value());
  EXPECT_EQ(std::get<Found>(without.body).records.size(), 2U);
  const std::size_t room = kReplyOverhead + room_for_record(record);
  const auto one = decode_datagram(encode_reply(reply, room).value()).value();
  EXPECT_EQ(std::get<Found>(one.body).records.size(), 1U);
  EXPECT_FALSE(encode_reply(reply, 8).has_value());
}

MessageError error_of(const Bytes& bytes) {
  const auto decoded = decode_datagram(bytes);
  return decoded ? MessageError::not_ours : decoded.error();
}

TEST(DhtMessage, RefusesWhatIsNotBounded) {
  // Sizes that would make a careless reader allocate gigabytes.
  EXPECT_EQ(error_of({0x44, 0xdd, 0xff, 0xff, 0xff, 0xff}), MessageError::malformed);
  EXPECT_EQ(error_of({0x44, 0xdf, 0xff, 0xff, 0xff, 0xff}), MessageError::malformed);
  EXPECT_EQ(error_of({0x44, 0x91, 0xc6, 0xff, 0xff, 0xff, 0xff}), MessageError::malformed);
  EXPECT_EQ(error_of({0x44, 0x91, 0xdb, 0xff, 0xff, 0xff, 0xff}), MessageError::malformed);
  EXPECT_EQ(error_of({0x44, 0xdc, 0x00, 0x11}), MessageError::malformed);
  // Arrays in arrays in arrays.
  Bytes deep{0x44};
  deep.resize(200, 0x91);
  deep.push_back(0xc0);
  EXPECT_EQ(error_of(deep), MessageError::malformed);
  Bytes huge = encode_datagram({{}, std::nullopt, Ping{}});
  huge.resize(limits::kDatagramBytes + 1);
  EXPECT_EQ(error_of(huge), MessageError::too_long);
}

TEST(DhtMessage, RefusesOthersAndIgnoresLaterKinds) {
  EXPECT_FALSE(decode_datagram({}).has_value());
  EXPECT_EQ(error_of({0x01, 0x90}), MessageError::not_ours);
  EXPECT_EQ(error_of({0x44}), MessageError::malformed);
  EXPECT_EQ(error_of({0x44, 0x80}), MessageError::malformed);
  EXPECT_EQ(error_of({0x44, 0x90}), MessageError::bad_field);
  EXPECT_EQ(error_of({0x44, 0x91, 0x08}), MessageError::unknown_kind);
  EXPECT_EQ(error_of({0x44, 0x91, 0xff}), MessageError::bad_field);
  EXPECT_EQ(error_of({0x44, 0x91, 0x00}), MessageError::bad_field);
}

TEST(DhtMessage, IgnoresElementsOfLaterVersions) {
  Bytes bytes = encode_datagram({{}, std::nullopt, Ping{}});
  bytes[1] = 0x95;
  bytes.insert(bytes.end(), {0xc0, 0x81});
  bytes.insert(bytes.end(), {0x01, 0x02});
  EXPECT_TRUE(decode_datagram(bytes).has_value());
}

}  // namespace
}  // namespace thicket::routing::dht
