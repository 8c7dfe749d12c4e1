#include <gtest/gtest.h>

#include "transport/limits.hpp"
#include "transport/peer_uri.hpp"

namespace thicket::transport {

using namespace std::chrono_literals;
using Kind = UriError::Kind;

namespace {

PeerUri good(std::string_view text, UriUse use = UriUse::dial) {
  const auto uri = parse_peer_uri(text, use);
  EXPECT_TRUE(uri) << text << ": " << uri.error().message;
  return uri.value_or(PeerUri{});
}

UriError bad(std::string_view text, UriUse use = UriUse::dial) {
  const auto uri = parse_peer_uri(text, use);
  EXPECT_FALSE(uri) << text;
  return uri ? UriError{} : uri.error();
}

const std::string kKey(64, 'a');

}  // namespace

TEST(Uri, TakesEverySupportedScheme) {
  EXPECT_EQ(good("tcp://192.0.2.1:9001").scheme, Scheme::tcp);
  EXPECT_EQ(good("TLS://example.org:443").scheme, Scheme::tls);
  const PeerUri local = good("unix:///run/mesh%20one.sock");
  EXPECT_EQ(local.scheme, Scheme::unix_socket);
  EXPECT_EQ(local.path, "/run/mesh one.sock");
  EXPECT_EQ(local.to_string(), "unix:///run/mesh%20one.sock");
}

TEST(Uri, TellsUnsupportedFromUnknownSchemes) {
  for (const char* scheme : {"quic", "ws", "wss", "socks", "sockstls"}) {
    const UriError error = bad(std::string(scheme) + "://example.org:443");
    EXPECT_EQ(error.kind, Kind::unsupported_scheme);
    EXPECT_EQ(error.message,
              std::string(scheme) + ":// is not supported yet: use tcp://, tls:// or unix://");
  }
  EXPECT_EQ(bad("gopher://example.org:70").kind, Kind::unknown_scheme);
  EXPECT_EQ(bad("example.org:443").kind, Kind::not_a_uri);
  EXPECT_EQ(bad("").kind, Kind::not_a_uri);
  EXPECT_EQ(bad("tcp://" + std::string(kMaxUriSize, 'a') + ":1").kind, Kind::not_a_uri);
}

TEST(Uri, NormalisesHosts) {
  EXPECT_EQ(good("tcp://Example.ORG:1").to_string(), "tcp://example.org:1");
  EXPECT_EQ(good("tcp://[2001:DB8:0:0::1]:1").to_string(), "tcp://[2001:db8::1]:1");
  EXPECT_EQ(good("tcp://[fe80::1%eth0]:1").zone, "eth0");
  EXPECT_EQ(good("tcp://[fe80::1%25eth0]:1").to_string(), "tcp://[fe80::1%eth0]:1");
  EXPECT_EQ(good("tcp://[fe80::1%2525eth0]:1").zone, "25eth0");
  EXPECT_EQ(good("tcp://192.0.2.1:9001/").to_string(), "tcp://192.0.2.1:9001");
  EXPECT_TRUE(good("tcp://192.0.2.1:9001").host_is_address());
  EXPECT_FALSE(good("tcp://example.org:9001").host_is_address());
}

TEST(Uri, RefusesBadHosts) {
  EXPECT_EQ(bad("tcp://:9001").kind, Kind::bad_host);
  EXPECT_EQ(bad("tcp://2001:db8::1:9001").kind, Kind::bad_host);
  EXPECT_EQ(bad("tcp://[2001:db8::1:9001").kind, Kind::bad_host);
  EXPECT_EQ(bad("tcp://[2001:db8::g]:9001").kind, Kind::bad_host);
  EXPECT_EQ(bad("tcp://[fe80::1%]:9001").kind, Kind::bad_host);
  EXPECT_EQ(bad("tcp://[fe80::1%eth0\x1b]:9001").kind, Kind::bad_host);
  EXPECT_EQ(bad("tcp://[fe80::1%1\n]:9001").kind, Kind::bad_host);
  EXPECT_EQ(bad("tcp://\xc2\x9b:9001").kind, Kind::bad_host);
  EXPECT_EQ(bad("tcp://256.1.1.1:9001").kind, Kind::bad_host);
  EXPECT_EQ(bad("tcp://exa mple:9001").kind, Kind::bad_host);
  EXPECT_EQ(bad("tcp://me@example.org:9001").kind, Kind::bad_host);
  EXPECT_EQ(bad("unix://run/x").kind, Kind::bad_host);
  EXPECT_EQ(bad("unix:///" + std::string(120, 'x')).kind, Kind::bad_host);
  EXPECT_EQ(bad("tcp://example.org:9001/path").kind, Kind::not_a_uri);
  EXPECT_EQ(bad("tcp://example.org:9001?password=a#b").kind, Kind::not_a_uri);
}

TEST(Uri, RequiresAPort) {
  EXPECT_EQ(bad("tcp://example.org").kind, Kind::bad_port);
  EXPECT_EQ(bad("tcp://[::1]").kind, Kind::bad_port);
  EXPECT_EQ(bad("tcp://example.org:").kind, Kind::bad_port);
  EXPECT_EQ(bad("tcp://example.org:0").kind, Kind::bad_port);
  EXPECT_EQ(bad("tcp://example.org:65536").kind, Kind::bad_port);
  EXPECT_EQ(bad("tcp://example.org:-1").kind, Kind::bad_port);
  EXPECT_EQ(bad("tcp://example.org:http").kind, Kind::bad_port);
}

TEST(Uri, ListenersMayLeaveOutHostAndPort) {
  EXPECT_EQ(good("tcp://:9001", UriUse::listen).to_string(), "tcp://[::]:9001");
  EXPECT_EQ(good("tls://[::]:0", UriUse::listen).port, 0);
  EXPECT_EQ(bad("tcp://:", UriUse::listen).kind, Kind::bad_port);
}

TEST(Uri, DecodesOptions) {
  const PeerUri uri = good("tls://192.0.2.1:443?key=" + kKey + "&key=" + std::string(64, 'B') +
                           "&priority=255&password=%D0%BF+%26%2B&maxbackoff=1m30s&sni=a.example"
                           "&unknown=1&&");
  ASSERT_EQ(uri.keys.size(), 2u);
  EXPECT_EQ(uri.keys[0].to_hex(), kKey);
  EXPECT_EQ(uri.keys[1].to_hex(), std::string(64, 'b'));
  EXPECT_EQ(uri.priority, 255);
  EXPECT_EQ(uri.password, "\u043f &+");
  EXPECT_EQ(uri.max_backoff, 90s);
  EXPECT_EQ(uri.sni, "a.example");
  EXPECT_EQ(uri.to_string(), "tls://192.0.2.1:443");
  EXPECT_EQ(good("tcp://a:1?password=" + std::string(64, 'x')).password.size(), 64u);
}

TEST(Uri, RefusesBadOptionsWithWhatWasFoundAndExpected) {
  const auto message = [](const std::string& query) {
    const UriError error = bad("tcp://a:1?" + query);
    EXPECT_EQ(error.kind, Kind::bad_option);
    return error.message;
  };
  EXPECT_EQ(message("priority=256"), "option priority is '256': expected a number from 0 to 255");
  EXPECT_EQ(message("priority="), "option priority is '': expected a number from 0 to 255");
  EXPECT_EQ(message("priority=-1"), "option priority is '-1': expected a number from 0 to 255");
  EXPECT_EQ(message("key=abc"),
            "option key is 'abc': expected a public key, 64 hexadecimal digits");
  EXPECT_EQ(message("password=" + std::string(65, 'x')),
            "option password has 65 bytes: expected at most 64");
  EXPECT_EQ(message("maxbackoff=4s"),
            "option maxbackoff is '4s': expected a duration of at least 5s, such as 30s or 1m30s");
  EXPECT_EQ(message("maxbackoff=soon").substr(0, 28), "option maxbackoff is 'soon':");
  EXPECT_EQ(message("sni=").substr(0, 16), "option sni is ''");
  EXPECT_EQ(message("sni=" + std::string(256, 'x')).substr(0, 10), "option sni");
  EXPECT_EQ(message("priority=1&priority=2"), "option priority is given twice: expected once");
  EXPECT_EQ(message("password=100%"),
            "option 'password' has a '%' without two hexadecimal digits after it: write a percent "
            "sign as %25");
}

TEST(Duration, FollowsTheUsualNotation) {
  EXPECT_EQ(parse_duration("5s"), 5s);
  EXPECT_EQ(parse_duration("1m30s"), 90s);
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("1.5h"), 90min);
  EXPECT_EQ(parse_duration(".5s"), 500ms);
  EXPECT_EQ(parse_duration("0"), 0s);
  EXPECT_EQ(parse_duration("2us3ns"), 2003ns);
  EXPECT_EQ(parse_duration("7\u00b5s"), 7us);
  for (const char* text : {"", "5", "s", "-5s", "5 s", "5x", "5s5", ".s", "1..5s", "1e3s",
                           "99999999999999999999s", "9999999999h"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

}  // namespace thicket::transport
