#include <gtest/gtest.h>

#include "transport/network.hpp"
#include "transport/peer_uri.hpp"

// Links of local discovery: dialled once, bound to an interface, open to keys that are not allowed
// otherwise.
namespace thicket::transport {

using namespace testing;

namespace {

constexpr InterfaceIndex kHere = 1;
constexpr InterfaceIndex kThere = 2;

struct Local : ::testing::Test {
  /// Where `to` listens, with its key pinned, as a beacon would tell.
  static PeerUri uri_of(const Host& to, std::uint16_t port) {
    PeerUri uri = *parse_peer_uri("tls://127.0.0.1:1");
    uri.port = port;
    uri.keys = {to.key()};
    return uri;
  }
  static std::uint16_t listen(Host& host, InterfaceIndex interface = kHere) {
    const auto port =
        host.links.listen_locally(*parse_peer_uri("tls://127.0.0.1:0", UriUse::listen), interface);
    EXPECT_TRUE(port.has_value());
    return port.value_or(0);
  }

  asio::io_context io;
};

}  // namespace

TEST_F(Local, ALinkIsMarkedAndCounted) {
  Host listener(io, 1);
  Host dialler(io, 2);
  const std::uint16_t port = listen(listener);
  ASSERT_TRUE(dialler.links.dial_locally(uri_of(listener, port), kHere));
  const LocalLoad before = dialler.links.local_load(kHere, listener.key());
  EXPECT_TRUE(before.linked);
  EXPECT_EQ(before.dialling, 1u);
  ASSERT_TRUE(run_until(io, [&] { return listener.is_up() && dialler.is_up(); }));
  EXPECT_TRUE(dialler.ups[0].discovered);
  EXPECT_FALSE(dialler.ups[0].inbound);
  EXPECT_TRUE(listener.ups[0].discovered);
  EXPECT_TRUE(listener.ups[0].inbound);
  const LocalLoad after = dialler.links.local_load(kHere, listener.key());
  EXPECT_TRUE(after.linked);
  EXPECT_EQ(after.dialling, 0u);
  EXPECT_EQ(after.dialled, 1u);
  EXPECT_TRUE(listener.links.local_load(kHere, dialler.key()).linked);
  EXPECT_FALSE(listener.links.local_load(kThere, dialler.key()).linked);
  EXPECT_FALSE(dialler.links.local_load(kHere, dialler.key()).linked);
}

TEST_F(Local, APeerIsForgottenWhenItsLinkEnds) {
  Host listener(io, 1);
  Host dialler(io, 2);
  ASSERT_TRUE(dialler.links.dial_locally(uri_of(listener, listen(listener)), kHere));
  ASSERT_TRUE(run_until(io, [&] { return listener.is_up() && dialler.is_up(); }));
  listener.links.close(listener.ups[0].id, "enough");
  ASSERT_TRUE(run_until(io, [&] { return dialler.downs.size() == 1; }));
  EXPECT_TRUE(dialler.links.peers().empty());
  EXPECT_EQ(dialler.links.local_load(kHere, listener.key()).dialled, 0u);
}

TEST_F(Local, AFailedDialIsForgotten) {
  Host listener(io, 1);
  Host dialler(io, 2);
  const std::uint16_t port = listen(listener);
  listener.links.close_local_listener(kHere);
  ASSERT_TRUE(dialler.links.dial_locally(uri_of(listener, port), kHere));
  ASSERT_TRUE(run_until(io, [&] { return dialler.failures.size() == 1; }));
  EXPECT_EQ(dialler.failures[0].reason, "connection refused; its next beacon gets another try");
  EXPECT_TRUE(dialler.links.peers().empty());
}

TEST_F(Local, OnlyWhoeverHasTheKeyOfTheBeaconIsTaken) {
  Host listener(io, 1);
  Host dialler(io, 2);
  PeerUri uri = uri_of(listener, listen(listener));
  uri.keys = {dialler.key()};
  ASSERT_TRUE(dialler.links.dial_locally(uri, kHere));
  ASSERT_TRUE(run_until(io, [&] { return dialler.failures.size() == 1; }));
  EXPECT_TRUE(dialler.ups.empty());
  EXPECT_TRUE(dialler.links.peers().empty());
}

TEST_F(Local, OurselvesAreForgottenToo) {
  Host host(io, 1);
  ASSERT_TRUE(host.links.dial_locally(uri_of(host, listen(host)), kHere));
  ASSERT_TRUE(run_until(io, [&] { return !host.failures.empty() && host.links.peers().empty(); }));
  EXPECT_TRUE(host.ups.empty());
}

TEST_F(Local, AllowedKeysAreForOtherInboundLinks) {
  LinksOptions options = quick();
  options.allowed_public_keys = {PublicKey{}};
  Host listener(io, 1, options);
  Host dialler(io, 2);
  ASSERT_TRUE(dialler.links.dial_locally(uri_of(listener, listen(listener)), kHere));
  ASSERT_TRUE(run_until(io, [&] { return listener.is_up() && dialler.is_up(); }));
  Host other(io, 3);
  other.dial(listener.listen("tls://127.0.0.1:0"));
  ASSERT_TRUE(run_until(io, [&] { return !listener.failures.empty(); }));
  EXPECT_EQ(listener.ups.size(), 1u);
}

TEST_F(Local, ClosingAnInterfaceEndsItsLinksAndNoOthers) {
  Host host(io, 1);
  Host here(io, 2);
  Host there(io, 3);
  Host elsewhere(io, 4);
  ASSERT_TRUE(here.links.dial_locally(uri_of(host, listen(host, kHere)), kHere));
  ASSERT_TRUE(there.links.dial_locally(uri_of(host, listen(host, kThere)), kHere));
  ASSERT_TRUE(host.links.dial_locally(uri_of(elsewhere, listen(elsewhere)), kHere));
  ASSERT_TRUE(run_until(
      io, [&] { return host.is_up(3) && here.is_up() && there.is_up() && elsewhere.is_up(); }));
  host.links.close_local_links(kHere, "it is gone");
  ASSERT_EQ(host.downs.size(), 2u);
  EXPECT_EQ(host.downs[0].reason, "it is gone");
  EXPECT_TRUE(host.links.local_load(kThere, there.key()).linked);
  EXPECT_EQ(host.links.peers().size(), 1u);
  ASSERT_TRUE(run_until(io, [&] { return !here.is_up() && !elsewhere.is_up(); }));
  EXPECT_TRUE(there.is_up());
}

TEST_F(Local, ClosingAnInterfaceEndsDialsThatAreUnderWay) {
  Host listener(io, 1);
  Host dialler(io, 2);
  ASSERT_TRUE(dialler.links.dial_locally(uri_of(listener, listen(listener)), kHere));
  dialler.links.close_local_links(kHere, "it is gone");
  EXPECT_TRUE(dialler.links.peers().empty());
  EXPECT_EQ(dialler.links.local_load(kHere, listener.key()).dialled, 0u);
  EXPECT_FALSE(dialler.links.local_load(kHere, listener.key()).linked);
}

TEST_F(Local, DiscoveredPeersOfAllInterfacesAreBounded) {
  LinksOptions options = quick();
  options.inbound.discovered = 2;
  Host listener(io, 1);
  Host dialler(io, 2, options);
  const std::uint16_t port = listen(listener);
  ASSERT_TRUE(dialler.links.dial_locally(uri_of(listener, port), kHere));
  ASSERT_TRUE(dialler.links.dial_locally(uri_of(listener, listen(listener, kThere)), kThere));
  const PeerUri third = uri_of(listener, listen(listener, 3));
  EXPECT_FALSE(dialler.links.dial_locally(third, 3));
  dialler.links.close_local_links(kHere, "room for others");
  EXPECT_TRUE(dialler.links.dial_locally(third, 3));
}

TEST_F(Local, AnInterfaceHasOneListenerThatCanBeReplaced) {
  Host host(io, 1);
  const PeerUri anywhere = *parse_peer_uri("tls://127.0.0.1:0", UriUse::listen);
  const std::uint16_t port = listen(host);
  EXPECT_FALSE(host.links.listen_locally(anywhere, kHere));
  host.links.close_local_listener(kHere);
  PeerUri again = anywhere;
  again.port = port;
  EXPECT_EQ(host.links.listen_locally(again, kHere).value_or(0), port);
}

}  // namespace thicket::transport
