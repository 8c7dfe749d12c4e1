#include "node/public_peers/peer_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "node/temporary_folder.hpp"
#include "transport/peer_uri.hpp"

namespace thicket::node {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> names(const PeerList& list) {
  std::vector<std::string> out;
  for (const ListedPeer& peer : list.peers) out.push_back(peer.name);
  return out;
}

PeerList parsed(const std::string& text) {
  auto list = parse_peer_list(text);
  EXPECT_TRUE(list) << list.error();
  return list.value_or(PeerList{});
}

TEST(PeerListTest, PlainTextHasAUriALine) {
  const PeerList list = parsed(
      "# my favourites\r\n"
      "\n"
      "tls://a.example:443   # a comment with tls://not.example:1 in it\r\n"
      "  tcp://[2001:db8::1]:9001?key=" +
      std::string(64, '1') +
      "\n"
      "tls://A.example:443\n"
      "quic://b.example:1\n"
      "tls://no-port.example\n"
      "unix:///run/x.sock");
  EXPECT_THAT(names(list), ElementsAre("tls://a.example:443", "tcp://[2001:db8::1]:9001"));
  EXPECT_EQ(list.peers[0].region, "");
  EXPECT_EQ(list.peers[0].host, "a.example");
  EXPECT_EQ(list.peers[1].uri, "tcp://[2001:db8::1]:9001?key=" + std::string(64, '1'));
  ASSERT_TRUE(list.peers[1].key);
  EXPECT_EQ(list.peers[1].key->to_hex(), std::string(64, '1'));
  EXPECT_EQ(list.unsupported, 2U);  // the socket of this machine, too
  EXPECT_EQ(list.malformed, 1U);
}

TEST(PeerListTest, MarkdownHasBulletsUnderHeadings) {
  const PeerList list = parsed(
      "# Germany\n\n"
      "Add to the list, see https://example.net/how-to.\n\n"
      "### Berlin\n"
      "* Berlin, operated by [someone](https://example.net/)\n"
      "  * `tls://a.example:443`\n"
      "  * `quic://a.example:443` and `tcp://[2001:db8::1]:80?priority=1`\n"
      "#Bremen\n"
      "- tls://b.example:7, tls://b.example:8.\n");
  EXPECT_THAT(names(list), ElementsAre("tls://a.example:443", "tcp://[2001:db8::1]:80",
                                       "tls://b.example:7", "tls://b.example:8"));
  EXPECT_EQ(list.peers[0].region, "Berlin");
  EXPECT_EQ(list.peers[1].uri, "tcp://[2001:db8::1]:80?priority=1");
  EXPECT_EQ(list.peers[3].region, "Bremen");
  EXPECT_EQ(list.unsupported, 1U);
  EXPECT_EQ(list.malformed, 0U);
}

TEST(PeerListTest, PeersOfAConfigurationAreFoundToo) {
  EXPECT_THAT(names(parsed("Peers: [\n  \"tls://a.example:1\", 'tcp://b.example:2'\n]\n")),
              ElementsAre("tls://a.example:1", "tcp://b.example:2"));
  EXPECT_THAT(names(parsed("[\"tls://a.example:1\",\"tcp://b.example:2\"]")),
              ElementsAre("tls://a.example:1", "tcp://b.example:2"));
}

TEST(PeerListTest, JsonSaysWhoAnswered) {
  const std::string key(64, 'a');
  const PeerList list =
      parsed(R"({"austria.md": {"tls://a.example:1": {"up": true, "key": ")" + key +
             R"(", "response_ms": 12, "last_seen": 1700000000, "proto_minor": 5},
         "tcp://b.example:2": {"up": false, "key": 7}},
         "other": {"tls://c.example:3": null, "wss://d.example:4": {}}, "count": 4})");
  EXPECT_THAT(names(list),
              ElementsAre("tcp://b.example:2", "tls://a.example:1", "tls://c.example:3"));
  EXPECT_TRUE(list.peers[0].listed_down);
  EXPECT_FALSE(list.peers[0].key);
  EXPECT_FALSE(list.peers[1].listed_down);
  EXPECT_EQ(list.peers[1].key, PublicKey::from_hex(key));
  EXPECT_EQ(list.peers[1].uri, "tls://a.example:1?key=" + key);
  EXPECT_EQ(list.peers[1].region, "austria");
  EXPECT_EQ(list.peers[2].region, "other");
  EXPECT_EQ(list.unsupported, 1U);
}

TEST(PeerListTest, SaysWhatIsWrong) {
  EXPECT_THAT(parse_peer_list("").error(), HasSubstr("no peer"));
  EXPECT_THAT(parse_peer_list("see https://example.net").error(), HasSubstr("no peer"));
  EXPECT_THAT(parse_peer_list("quic://a.example:1").error(), HasSubstr("none of the 1"));
  EXPECT_THAT(parse_peer_list("{\"a\": ").error(), HasSubstr("JSON"));
  EXPECT_THAT(parse_peer_list(std::string(kMaxPeerListBytes + 1, ' ')).error(), HasSubstr("bytes"));
  EXPECT_THAT(load_peer_list("https://example.net/publicnodes.json").error(),
              HasSubstr("curl -fo peers.json https://example.net/publicnodes.json"));
  EXPECT_THAT(load_peer_list("/nowhere/peers.txt").error(), HasSubstr("/nowhere/peers.txt: "));
}

TEST(PeerListTest, IsBounded) {
  std::string many;
  for (std::size_t i = 0; i < kMaxListedPeers + 5; ++i) {
    many += "tcp://10.0.0.1:" + std::to_string(i + 1) + "\n";
  }
  const PeerList list = parsed(many);
  EXPECT_EQ(list.peers.size(), kMaxListedPeers);
  EXPECT_EQ(list.left_out, 5U);
  const std::string line = "tls://a.example:1?x=" + std::string(kMaxPeerListLine, 'y');
  EXPECT_THAT(names(parsed(line + "\ntls://b.example:1")), ElementsAre("tls://b.example:1"));
  EXPECT_EQ(parsed("# " + std::string(500, 'r') + "\n* tls://a.example:1").peers[0].region.size(),
            kMaxRegionName);
}

TEST(PeerListTest, ComesFromAFile) {
  const TemporaryFolder folder;
  const auto list = load_peer_list(folder.write("peers.txt", "\xef\xbb\xbftls://a.example:1\n"));
  ASSERT_TRUE(list) << list.error();
  EXPECT_THAT(names(*list), ElementsAre("tls://a.example:1"));
}

void check_all_are_peers(const PeerList& list) {
  for (const ListedPeer& peer : list.peers) {
    const auto uri = transport::parse_peer_uri(peer.uri);
    RC_ASSERT(uri);
    RC_ASSERT(uri->to_string() == peer.name);
  }
}

RC_GTEST_PROP(PeerListProperty, AnyMixtureGivesPeersThatCanBeDialled, ()) {
  const auto parts = *rc::gen::container<std::vector<std::string>>(rc::gen::oneOf(
      rc::gen::element<std::string>("tls://", "tcp://", "quic://", "https://", "a.example", ":443",
                                    ":", "[2001:db8::1]", "[", "]", "`", "* ", "- ", "# ", "\n",
                                    "\r\n", " ", "?key=", "?password=x", "{", "}", "\"", ",", "%"),
      rc::gen::arbitrary<std::string>()));
  std::string text;
  for (const std::string& part : parts) text += part;
  const auto list = parse_peer_list(text);
  if (list) {
    check_all_are_peers(*list);
  } else {
    RC_ASSERT(!list.error().empty());
  }
}

RC_GTEST_PROP(PeerListProperty, WhatIsListedIsFound, ()) {
  const auto numbers =
      *rc::gen::unique<std::vector<std::uint16_t>>(rc::gen::inRange<std::uint16_t>(1, 65535));
  RC_PRE(!numbers.empty());
  using Frame = std::pair<std::string, std::string>;
  const Frame frame = *rc::gen::elementOf(std::vector<Frame>{
      {"", "\n"}, {"* `", "`\n"}, {"  - ", " (fast)\n"}, {"\t", "\t# home\r\n"}});
  std::vector<std::string> uris;
  std::string text;
  for (const std::uint16_t number : numbers) {
    const std::string scheme = *rc::gen::element<std::string>("tls", "tcp");
    const std::string host =
        *rc::gen::element<std::string>("a.example", "192.0.2.7", "[2001:db8::7]");
    uris.push_back(scheme + "://" + host + ":" + std::to_string(number));
    text += frame.first + uris.back() + frame.second;
  }
  const auto list = parse_peer_list(text);
  RC_ASSERT(list);
  RC_ASSERT(names(*list) == uris);
  check_all_are_peers(*list);
}

}  // namespace
}  // namespace thicket::node
