#include "transport/interface_table.hpp"

#include <gtest/gtest.h>
#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <rapidcheck/gtest.h>

#include <cstring>

#include "transport/limits.hpp"

namespace thicket::transport {
namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr unsigned kGood = IFF_UP | IFF_RUNNING | IFF_MULTICAST | IFF_BROADCAST;

template <class T>
void append(Bytes& bytes, const T& value) {
  const auto* raw = reinterpret_cast<const std::uint8_t*>(&value);
  bytes.insert(bytes.end(), raw, raw + sizeof value);
}

void pad(Bytes& bytes) {
  bytes.resize((bytes.size() + 3) & ~std::size_t{3});
}

void append_attribute(Bytes& bytes, std::uint16_t type, const void* value, std::size_t size) {
  append(bytes, rtattr{static_cast<std::uint16_t>(sizeof(rtattr) + size), type});
  const auto* raw = static_cast<const std::uint8_t*>(value);
  bytes.insert(bytes.end(), raw, raw + size);
  pad(bytes);
}

Bytes message(std::uint16_t type, const Bytes& body, std::uint16_t flags = 0) {
  Bytes bytes;
  nlmsghdr header{};
  header.nlmsg_len = static_cast<std::uint32_t>(sizeof header + body.size());
  header.nlmsg_type = type;
  header.nlmsg_flags = flags;
  append(bytes, header);
  bytes.insert(bytes.end(), body.begin(), body.end());
  return bytes;
}

Bytes link(int index, const std::string& name, unsigned flags = kGood,
           std::uint16_t type = RTM_NEWLINK, std::uint8_t family = AF_UNSPEC) {
  ifinfomsg info{};
  info.ifi_family = family;
  info.ifi_index = index;
  info.ifi_flags = flags;
  Bytes body;
  append(body, info);
  append_attribute(body, IFLA_IFNAME, name.c_str(), name.size() + 1);
  return message(type, body);
}

Ipv6Bytes link_local(std::uint8_t last) {
  return {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last};
}

Bytes address(unsigned index, const Ipv6Bytes& bytes, std::uint16_t type = RTM_NEWADDR,
              std::uint32_t flags = IFA_F_PERMANENT) {
  ifaddrmsg info{};
  info.ifa_family = AF_INET6;
  info.ifa_flags = static_cast<std::uint8_t>(flags);
  info.ifa_index = index;
  Bytes body;
  append(body, info);
  append_attribute(body, IFA_ADDRESS, bytes.data(), bytes.size());
  append_attribute(body, IFA_FLAGS, &flags, sizeof flags);
  return message(type, body);
}

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(InterfaceTable, LearnsInterfacesAndTheirLinkLocalAddresses) {
  InterfaceTable table;
  Ipv6Bytes global = link_local(9);
  global[0] = 0x20;
  EXPECT_TRUE(table.take(link(3, "eth0") + address(3, link_local(1)) + address(3, global)).changed);
  const NetworkInterface expected{3, "eth0", true, {link_local(1)}};
  ASSERT_EQ(table.all().size(), 1u);
  EXPECT_EQ(table.all().at(3), expected);
}

TEST(InterfaceTable, ToldTheSameTwiceNothingChanges) {
  InterfaceTable table;
  const Bytes news = link(3, "eth0") + address(3, link_local(1));
  EXPECT_TRUE(table.take(news).changed);
  EXPECT_FALSE(table.take(news).changed);
}

TEST(InterfaceTable, ForgetsWhatIsRemoved) {
  InterfaceTable table;
  table.take(link(3, "eth0") + address(3, link_local(1)) + address(3, link_local(2)));
  EXPECT_TRUE(table.take(address(3, link_local(1), RTM_DELADDR)).changed);
  EXPECT_EQ(table.all().at(3).addresses, std::vector{link_local(2)});
  EXPECT_FALSE(table.take(address(3, link_local(1), RTM_DELADDR)).changed);
  EXPECT_TRUE(table.take(link(3, "eth0", kGood, RTM_DELLINK)).changed);
  EXPECT_TRUE(table.all().empty());
  EXPECT_FALSE(table.take(link(3, "eth0", kGood, RTM_DELLINK)).changed);
}

TEST(InterfaceTable, KnowsWhichAreSuitable) {
  const auto suitable = [](unsigned flags) {
    InterfaceTable table;
    table.take(link(1, "a", flags));
    return table.all().at(1).suitable;
  };
  EXPECT_TRUE(suitable(kGood));
  EXPECT_FALSE(suitable(kGood & ~static_cast<unsigned>(IFF_UP)));
  EXPECT_FALSE(suitable(kGood & ~static_cast<unsigned>(IFF_RUNNING)));
  EXPECT_FALSE(suitable(kGood & ~static_cast<unsigned>(IFF_MULTICAST)));
  EXPECT_FALSE(suitable(kGood | IFF_POINTOPOINT));
}

TEST(InterfaceTable, AnAddressCountsOnceNobodyElseHasIt) {
  InterfaceTable table;
  table.take(link(3, "eth0"));
  EXPECT_FALSE(table.take(address(3, link_local(1), RTM_NEWADDR, IFA_F_TENTATIVE)).changed);
  EXPECT_TRUE(table.all().at(3).addresses.empty());
  EXPECT_TRUE(table.take(address(3, link_local(1))).changed);
  EXPECT_TRUE(table.take(address(3, link_local(1), RTM_NEWADDR, IFA_F_DADFAILED)).changed);
  EXPECT_TRUE(table.all().at(3).addresses.empty());
}

TEST(InterfaceTable, AnInterfaceThatLeavesABridgeIsNotGone) {
  InterfaceTable table;
  table.take(link(3, "eth0") + address(3, link_local(1)));
  EXPECT_FALSE(table.take(link(3, "eth0", kGood, RTM_DELLINK, AF_BRIDGE)).changed);
  EXPECT_EQ(table.all().size(), 1u);
}

TEST(InterfaceTable, FollowsRenaming) {
  InterfaceTable table;
  table.take(link(3, "eth0") + address(3, link_local(1)));
  EXPECT_TRUE(table.take(link(3, "lan0")).changed);
  EXPECT_EQ(table.all().at(3).name, "lan0");
  EXPECT_EQ(table.all().at(3).addresses.size(), 1u);
}

TEST(InterfaceTable, TellsHowAnAnswerEnded) {
  InterfaceTable table;
  EXPECT_TRUE(table.take(message(NLMSG_DONE, Bytes(4))).done);
  EXPECT_FALSE(table.take(message(NLMSG_DONE, Bytes(4))).torn);
  EXPECT_TRUE(table.take(message(NLMSG_DONE, Bytes(4), NLM_F_DUMP_INTR)).torn);
  EXPECT_TRUE(table.take(message(NLMSG_ERROR, Bytes(20))).refused);
  EXPECT_FALSE(table.take(link(1, "a")).done);
}

TEST(InterfaceTable, IsBounded) {
  InterfaceTable table;
  for (int i = 1; i <= static_cast<int>(kMaxInterfaces) + 5; ++i) table.take(link(i, "x"));
  EXPECT_EQ(table.all().size(), kMaxInterfaces);
  for (int i = 0; i < 100; ++i) {
    table.take(address(1, link_local(static_cast<std::uint8_t>(i))));
  }
  EXPECT_EQ(table.all().at(1).addresses.size(), kMaxLinkLocalAddresses);
}

RC_GTEST_PROP(InterfaceTable, CutOffMessagesDoNotMatter, (std::uint8_t last)) {
  const Bytes whole = link(3, "eth0") + address(3, link_local(last)) + link(4, "eth1");
  const auto size = *rc::gen::inRange<std::size_t>(0, whole.size());
  InterfaceTable table;
  table.take(ByteView(whole).first(size));
  RC_ASSERT(table.all().size() < 2u);
  InterfaceTable all;
  all.take(whole);
  for (const auto& [index, interface] : table.all()) RC_ASSERT(all.all().contains(index));
}

RC_GTEST_PROP(InterfaceTable, AnyBytesAreSurvived, (Bytes noise, std::uint16_t at)) {
  Bytes bytes = link(3, "eth0") + address(3, link_local(1));
  for (std::size_t i = 0; i < noise.size(); ++i) bytes[(at + i) % bytes.size()] = noise[i];
  InterfaceTable table;
  table.take(bytes);
  RC_ASSERT(table.all().size() <= 2u);
}

}  // namespace
}  // namespace thicket::transport
