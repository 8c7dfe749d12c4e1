#include "node/echo.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <utility>

namespace thicket::node {
namespace {

Address address_from(std::uint8_t last) {
  Address address;
  address.bytes[0] = 2;
  address.bytes[15] = last;
  return address;
}

RC_GTEST_PROP(Echo, IsReadAsItWasMade, (std::uint16_t identifier, std::uint16_t sequence)) {
  const auto size = *rc::gen::inRange<std::size_t>(0, 2000);
  const Packet packet =
      make_echo({address_from(1), address_from(2), false, identifier, sequence}, size);
  RC_ASSERT(packet.size() == 48 + size);
  const auto echo = parse_echo(packet.bytes());
  RC_ASSERT(echo.has_value());
  RC_ASSERT(echo->source == address_from(1));
  RC_ASSERT(echo->destination == address_from(2));
  RC_ASSERT(!echo->reply);
  RC_ASSERT(echo->identifier == identifier);
  RC_ASSERT(echo->sequence == sequence);
}

TEST(Echo, AReplyCarriesTheDataBack) {
  const std::vector<std::uint8_t> data{1, 2, 3, 0xff, 5};
  Packet packet = make_echo({address_from(1), address_from(2), false, 3, 4}, data);
  turn_into_reply(packet);
  ASSERT_TRUE(parse_echo(std::as_const(packet).bytes()));
  const ByteView back = echo_data(std::as_const(packet).bytes());
  EXPECT_EQ(std::vector<std::uint8_t>(back.begin(), back.end()), data);
}

TEST(Echo, AReplyGoesBackWhereTheRequestCameFrom) {
  Packet packet = make_echo({address_from(1), address_from(2), false, 3, 4}, 10);
  turn_into_reply(packet);
  const auto echo = parse_echo(std::as_const(packet).bytes());
  ASSERT_TRUE(echo);
  EXPECT_EQ(echo->source, address_from(2));
  EXPECT_EQ(echo->destination, address_from(1));
  EXPECT_TRUE(echo->reply);
  EXPECT_EQ(echo->identifier, 3);
  EXPECT_EQ(echo->sequence, 4);
}

RC_GTEST_PROP(Echo, AFlippedBitIsNoticed, ()) {
  Packet packet = make_echo({address_from(1), address_from(2), false, 3, 4}, 10);
  // Behind the traffic class, flow label and hop limit, which nothing covers.
  const auto at = *rc::gen::inRange<std::size_t>(8, packet.size());
  packet.data()[at] ^= static_cast<std::uint8_t>(1U << *rc::gen::inRange(0, 8));
  RC_ASSERT(!parse_echo(std::as_const(packet).bytes()));
}

RC_GTEST_PROP(Echo, AnyBytesAreSafe, (const std::vector<std::uint8_t>& bytes)) {
  parse_echo(bytes);
}

}  // namespace
}  // namespace thicket::node
