#include "node/public_peers/peer_diversity.hpp"

#include <gtest/gtest.h>

namespace thicket::node {
namespace {

TEST(PeerDiversityTest, HostsOfOneDomainAreAlike) {
  EXPECT_EQ(host_group("a.example.net"), "example.net");
  EXPECT_EQ(host_group("b.c.example.net."), "example.net");
  EXPECT_EQ(host_group("a.example.co.uk"), "example.co.uk");
  EXPECT_EQ(host_group("example.co.uk"), "example.co.uk");
  EXPECT_EQ(host_group("y.mesh.de"), "mesh.de");
  EXPECT_NE(host_group("a.one.co.uk"), host_group("a.two.co.uk"));
  EXPECT_EQ(host_group("localhost"), "localhost");
  for (const char* odd : {"", ".", "..", "...", ".a", "a.", ".a.b", "..co.uk"}) host_group(odd);
}

TEST(PeerDiversityTest, AddressesOfOneNetworkAreAlike) {
  EXPECT_EQ(host_group("192.0.2.1"), host_group("192.0.2.200"));
  EXPECT_NE(host_group("192.0.2.1"), host_group("192.0.3.1"));
  EXPECT_EQ(address_group("192.0.2.1:443"), address_group("192.0.2.9"));
  EXPECT_EQ(address_group("[2001:db8:1:2::3]:443"), address_group("2001:db8:1:ffff::9"));
  EXPECT_NE(address_group("[2001:db8:1::3]:443"), address_group("[2001:db8:2::3]:443"));
  EXPECT_EQ(address_group("[::ffff:192.0.2.1]:1"), address_group("192.0.2.1:2"));
  EXPECT_EQ(address_group("[fe80::1%eth0]:1"), address_group("[fe80::2%eth1]:1"));
  EXPECT_EQ(address_group("nonsense"), "nonsense");
  EXPECT_EQ(address_group("["), "");
}

}  // namespace
}  // namespace thicket::node
