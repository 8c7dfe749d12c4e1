#include <gtest/gtest.h>

#include "transport/handshake.hpp"
#include "transport/network.hpp"

// Who may link with whom: passwords, pins, allow-lists, ourselves, and everybody else.
namespace thicket::transport {

using namespace testing;

namespace {

struct Identity : ::testing::Test {
  asio::io_context io;
};

constexpr const char* kWrongPassword =
    "wrong password: the peer and we have different link passwords (?password=)";

}  // namespace

TEST_F(Identity, EqualPasswordsLink) {
  Host listener(io, 1);
  Host dialler(io, 2);
  const std::string uri = listener.listen("tcp://127.0.0.1:0?password=a%20b&priority=7");
  dialler.dial(uri + "?password=a+b&priority=2");
  ASSERT_TRUE(run_until(io, [&] { return listener.is_up() && dialler.is_up(); }));
  EXPECT_EQ(dialler.ups[0].priority, 7);
  EXPECT_EQ(listener.ups[0].priority, 7);
}

TEST_F(Identity, PeersSayWhatTheyOfferAndHowTheySeeUs) {
  LinksOptions offering = quick();
  offering.capabilities = routing::Capabilities{1, "thicket/9", true, "not told"};
  Host listener(io, 1, offering);
  Host dialler(io, 2, offering);
  Host silent(io, 3);
  const std::string uri = listener.listen("tcp://127.0.0.1:0");
  dialler.dial(uri);
  ASSERT_TRUE(run_until(io, [&] { return listener.is_up() && dialler.is_up(); }));
  const auto& of_listener = dialler.ups[0].capabilities;
  const auto& of_dialler = listener.ups[0].capabilities;
  ASSERT_TRUE(of_listener && of_dialler);
  EXPECT_EQ(of_listener->agent, "thicket/9");
  EXPECT_TRUE(of_listener->dht);
  // What the listener calls the dialler's end point, the dialler is told, and the other way round.
  EXPECT_EQ(of_listener->seen, listener.ups[0].remote);
  EXPECT_EQ("tcp://" + of_dialler->seen, uri);
  EXPECT_EQ(dialler.status(uri).capabilities, of_listener);
  silent.dial(uri);
  ASSERT_TRUE(run_until(io, [&] { return listener.is_up(2) && silent.is_up(); }));
  EXPECT_FALSE(listener.ups[1].capabilities);
  EXPECT_TRUE(silent.ups[0].capabilities);
}

TEST_F(Identity, UnreadableCapabilitiesAreNoReasonToRefuse) {
  Host host(io, 1);
  Host other(io, 2);
  for (const Bytes& body : {Bytes{0xc1}, Bytes(512, 0xdf), Bytes(4000, 0x81), Bytes{}}) {
    const std::size_t before = host.ups.size();
    Stranger stranger(host.listen("tcp://127.0.0.1:0"));
    const std::vector<ExtraField> extra{{routing::kCapabilitiesField, body}};
    stranger.send(encode_handshake(other.identity, "", 0, extra));
    ASSERT_TRUE(run_until(io, [&] { return host.ups.size() > before; }));
    EXPECT_FALSE(host.ups.back().capabilities);
  }
}

TEST_F(Identity, OtherPasswordsDoNot) {
  Host listener(io, 1);
  Host dialler(io, 2);
  dialler.dial(listener.listen("tls://127.0.0.1:0?password=one") + "?password=two");
  ASSERT_TRUE(
      run_until(io, [&] { return !dialler.failures.empty() && !listener.failures.empty(); }));
  EXPECT_EQ(dialler.failures[0].reason, std::string(kWrongPassword) + "; trying again");
  EXPECT_EQ(listener.failures[0].reason, kWrongPassword);
  EXPECT_TRUE(listener.failures[0].inbound);
  EXPECT_FALSE(dialler.failures[0].inbound);
  EXPECT_TRUE(dialler.ups.empty());
  EXPECT_TRUE(listener.ups.empty());
}

TEST_F(Identity, PinnedKeyMustMatch) {
  Host listener(io, 1);
  Host dialler(io, 2);
  Host other(io, 3);
  const std::string uri = listener.listen("tcp://127.0.0.1:0");
  dialler.dial(uri + "?key=" + dialler.key().to_hex());
  other.dial(uri + "?key=" + dialler.key().to_hex() + "&key=" + listener.key().to_hex());
  ASSERT_TRUE(run_until(io, [&] { return !dialler.failures.empty() && other.is_up(); }));
  EXPECT_EQ(dialler.failures[0].reason,
            "the peer's public key is none of those that ?key= pins; trying again");
  EXPECT_EQ(dialler.status(uri).last_error,
            "the peer's public key is none of those that ?key= pins");
  EXPECT_FALSE(dialler.status(uri).up);
}

TEST_F(Identity, AllowedPublicKeysApplyToInboundLinksOnly) {
  Host friendly(io, 2);
  Host foreign(io, 3);
  LinksOptions options = quick();
  options.allowed_public_keys = {friendly.key()};
  Host listener(io, 1, options);
  const std::string uri = listener.listen("tcp://127.0.0.1:0");
  friendly.dial(uri);
  foreign.dial(uri);
  ASSERT_TRUE(run_until(io, [&] { return listener.is_up() && !listener.failures.empty(); }));
  EXPECT_EQ(listener.failures[0].reason, "the peer's public key is not in AllowedPublicKeys");
  for (const LinkInfo& link : listener.ups) EXPECT_EQ(link.peer, friendly.key());
  listener.dial(foreign.listen("tcp://127.0.0.1:0"));
  ASSERT_TRUE(run_until(io, [&] { return listener.ups.back().peer == foreign.key(); }));
}

TEST_F(Identity, OurselvesIsNotRedialled) {
  Host host(io, 1);
  const std::string uri = host.listen("tcp://127.0.0.1:0");
  host.dial(uri);
  ASSERT_TRUE(run_until(io, [&] { return host.failures.size() >= 2; }));
  for (const Failure& failure : host.failures) {
    const std::string end = failure.inbound ? "" : "; not trying again";
    EXPECT_EQ(failure.reason, "the link leads back to ourselves" + end);
  }
  EXPECT_EQ(host.status(uri).last_error, "the link leads back to ourselves");
  // Another peer that fails is redialled many times; we are not.
  Host other(io, 2);
  other.dial(uri + "?password=wrong");
  ASSERT_TRUE(run_until(io, [&] { return other.failures.size() >= 4; }));
  for (const Failure& failure : std::vector(host.failures.begin() + 2, host.failures.end())) {
    EXPECT_EQ(failure.reason, kWrongPassword);
  }
}

TEST_F(Identity, StrangersAreToldApart) {
  Host host(io, 1);
  const std::string uri = host.listen("tcp://127.0.0.1:0");
  const auto reason_for = [&](ByteView said, bool hang_up) {
    const std::size_t before = host.failures.size();
    auto stranger = std::make_unique<Stranger>(uri);
    stranger->send(said);
    if (hang_up) stranger.reset();
    EXPECT_TRUE(run_until(io, [&] { return host.failures.size() > before; }));
    return host.last_failure();
  };
  const auto text = [](std::string_view said) { return Bytes(said.begin(), said.end()); };
  Bytes old = encode_handshake(host.identity, "", 0);
  old[17] = 4;  // the minor version
  EXPECT_EQ(reason_for(old, false), "the peer speaks version 0.4 of the protocol, we speak 0.5");
  EXPECT_EQ(reason_for(text("GET / HTTP/1.1\r\n"), false),
            "the other side speaks HTTP: it is no Yggdrasil or Thicket node");
  EXPECT_EQ(reason_for(Bytes{0x16, 3, 1, 2, 0}, false),
            "the other side speaks TLS: this link needs tls:// on both sides");
  EXPECT_EQ(reason_for(text("SSH-2.0-x"), false),
            "the other side is no Yggdrasil or Thicket node: it did not start with a handshake");
  EXPECT_EQ(reason_for({}, true), "the peer closed the connection before its handshake");
  EXPECT_EQ(reason_for(text("meta"), true),
            "the peer closed the connection in the middle of its handshake");
}

TEST_F(Identity, TcpAndTlsMixedUpIsSaidOnBothSides) {
  Host listener(io, 1);
  Host dialler(io, 2);
  std::string uri = listener.listen("tls://127.0.0.1:0");
  dialler.dial("tcp" + uri.substr(3));
  const char* tls_needed =
      "the other side does not speak TLS: this link needs tls:// on both sides";
  ASSERT_TRUE(run_until(io, [&] { return !listener.failures.empty(); }));
  EXPECT_EQ(listener.failures[0].reason, tls_needed);

  uri = listener.listen("tcp://127.0.0.1:0");
  Host secure(io, 3);
  secure.dial("tls" + uri.substr(3));
  ASSERT_TRUE(run_until(io, [&] { return !secure.failures.empty(); }));
  EXPECT_EQ(secure.failures[0].reason, std::string(tls_needed) + "; trying again");
}

TEST_F(Identity, WeSpeakFirst) {
  Host host(io, 1);
  Stranger stranger(host.listen("tcp://127.0.0.1:0?priority=5"));
  const Bytes expected = encode_handshake(host.identity, "", 5);
  ASSERT_TRUE(run_until(io, [&] { return !stranger.ended() && stranger.received == expected; }));
}

TEST_F(Identity, FramesInTheSameSegmentAsTheHandshakeCount) {
  Host host(io, 1);
  Host other(io, 2);
  Stranger stranger(host.listen("tcp://127.0.0.1:0"));
  Bytes said = encode_handshake(other.identity, "", 0);
  said.insert(said.end(), {1, 1, 2, 0, 9});
  stranger.send(said);
  ASSERT_TRUE(
      run_until(io, [&] { return host.is_up() && host.received_bytes[host.ups[0].id] == 3; }));
  EXPECT_EQ(host.received[host.ups[0].id], (std::vector<Bytes>{{1}, {0, 9}}));
  EXPECT_EQ(host.heard[host.ups[0].id], 1);
}

}  // namespace thicket::transport
