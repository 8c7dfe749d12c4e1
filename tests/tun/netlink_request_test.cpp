#include "tun/netlink_request.hpp"

#include <gtest/gtest.h>
#include <linux/if_link.h>
#include <sys/socket.h>

#include <cstring>
#include <vector>

namespace thicket::tun {
namespace {

template <typename Value>
Value value_at(std::span<const std::byte> message, std::size_t offset) {
  Value value{};
  std::memcpy(&value, message.data() + offset, sizeof value);
  return value;
}

TEST(NetlinkRequest, HasHeaderBodyAndAttributesAlignedToFourBytes) {
  ifinfomsg link{};
  link.ifi_index = 7;
  NetlinkRequest request(RTM_NEWLINK, NLM_F_CREATE, link);
  request.add(IFLA_GROUP, std::uint8_t{3});
  request.add(IFLA_MTU, std::uint32_t{1280});
  ASSERT_TRUE(request.fits());
  const auto message = request.encode(9);

  const auto header = value_at<nlmsghdr>(message, 0);
  EXPECT_EQ(header.nlmsg_len, message.size());
  EXPECT_EQ(header.nlmsg_type, RTM_NEWLINK);
  EXPECT_EQ(header.nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE);
  EXPECT_EQ(header.nlmsg_seq, 9U);
  EXPECT_EQ(value_at<ifinfomsg>(message, 16).ifi_index, 7);
  const std::size_t group = 16 + sizeof link;
  EXPECT_EQ(value_at<rtattr>(message, group).rta_len, 5);
  EXPECT_EQ(value_at<std::uint8_t>(message, group + 4), 3);
  EXPECT_EQ(value_at<rtattr>(message, group + 8).rta_len, 8);
  EXPECT_EQ(value_at<rtattr>(message, group + 8).rta_type, IFLA_MTU);
  EXPECT_EQ(value_at<std::uint32_t>(message, group + 12), 1280U);
  EXPECT_EQ(message.size(), group + 16);
}

TEST(NetlinkRequest, NestsAttributes) {
  NetlinkRequest request(RTM_NEWLINK, 0, ifinfomsg{});
  const std::size_t outer = request.begin(IFLA_AF_SPEC);
  const std::size_t inner = request.begin(AF_INET6);
  request.add(IFLA_INET6_ADDR_GEN_MODE, std::uint8_t{1});
  request.end(inner);
  request.end(outer);
  const auto message = request.encode(1);
  EXPECT_EQ(value_at<rtattr>(message, outer).rta_len, 16);
  EXPECT_EQ(value_at<rtattr>(message, inner).rta_len, 12);
  EXPECT_EQ(value_at<nlmsghdr>(message, 0).nlmsg_len, outer + 16);
}

TEST(NetlinkRequest, SaysWhenSomethingDoesNotFit) {
  NetlinkRequest request(RTM_NEWLINK, 0, ifinfomsg{});
  const std::vector<std::byte> large(NetlinkRequest::kCapacity);
  request.add(IFLA_IFALIAS, large);
  EXPECT_FALSE(request.fits());
  EXPECT_LE(request.encode(1).size(), NetlinkRequest::kCapacity);
  request.add(IFLA_MTU, std::uint32_t{1280});
  EXPECT_FALSE(request.fits()) << "what is missing stays missing";
}

}  // namespace
}  // namespace thicket::tun
