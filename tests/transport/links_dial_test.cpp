#include <gtest/gtest.h>

#include "transport/network.hpp"
#include "transport/peer_uri.hpp"

// Dialling that does not work at once.
namespace thicket::transport {

using namespace testing;
using namespace std::chrono_literals;

namespace {

struct Dial : ::testing::Test {
  asio::io_context io;
};

/// A loopback port on which nobody listens.
std::uint16_t free_port() {
  const auto address = numeric_address(*parse_peer_uri("tcp://127.0.0.1:0", UriUse::listen));
  const auto fd = open_listener(*address);
  return local_address(fd->get()).port();
}

using Clock = std::chrono::steady_clock;

}  // namespace

TEST_F(Dial, RefusedThenSuccessfulLater) {
  Host listener(io, 1);
  Host dialler(io, 2);
  const std::string uri = "tcp://127.0.0.1:" + std::to_string(free_port());
  dialler.dial(uri);
  ASSERT_TRUE(run_until(io, [&] { return dialler.failures.size() == 3; }));
  EXPECT_EQ(dialler.failures[0].reason, "connection refused; trying again");
  EXPECT_EQ(dialler.failures[0].uri, uri);
  EXPECT_EQ(dialler.status(uri).last_error, "connection refused");
  ASSERT_TRUE(listener.links.listen(uri));
  ASSERT_TRUE(run_until(io, [&] { return dialler.is_up(); }));
}

TEST_F(Dial, BackOffDoublesUpToItsBound) {
  LinksOptions options = quick();
  options.timings.first_backoff = 20ms;
  options.timings.max_backoff = 80ms;
  Host dialler(io, 2, options);
  const auto start = Clock::now();
  dialler.dial("tcp://127.0.0.1:" + std::to_string(free_port()));
  ASSERT_TRUE(run_until(io, [&] { return dialler.failures.size() == 6; }));
  // 20 + 40 + 80 + 80 + 80 ms, each up to a quarter less.
  EXPECT_GE(Clock::now() - start, 225ms - 5ms);
  EXPECT_LT(Clock::now() - start, 20s);
}

TEST_F(Dial, ALostLinkIsRedialledAtOnce) {
  LinksOptions options = quick();
  options.timings.max_backoff = 1h;
  options.timings.stable = 0ms;
  Host dialler(io, 2, options);
  const std::string uri = "tcp://127.0.0.1:" + std::to_string(free_port());
  dialler.dial(uri);
  ASSERT_TRUE(run_until(io, [&] { return dialler.failures.size() == 5; }));
  Host listener(io, 1);
  ASSERT_TRUE(listener.links.listen(uri));
  ASSERT_TRUE(run_until(io, [&] { return dialler.is_up() && listener.is_up(); }));
  const auto lost = Clock::now();
  listener.links.close(listener.ups[0].id, "restart");
  ASSERT_TRUE(run_until(io, [&] { return dialler.ups.size() == 2; }));
  EXPECT_LT(Clock::now() - lost, 10s);  // the next doubling would have been far longer than 10 ms
}

TEST_F(Dial, APeerThatAcceptsAndHangsUpIsNotDialledInALoop) {
  LinksOptions options = quick();
  options.timings.first_backoff = 10ms;
  options.timings.max_backoff = 1h;
  Host dialler(io, 2, options);
  Host listener(io, 1);
  listener.on_up = [&](const LinkInfo& link) { listener.links.close(link.id, "go away"); };
  dialler.dial(listener.listen("tcp://127.0.0.1:0"));
  const auto start = Clock::now();
  ASSERT_TRUE(run_until(io, [&] { return dialler.downs.size() == 5; }));
  EXPECT_GE(Clock::now() - start, 112ms - 5ms);  // 10 + 20 + 40 + 80 ms, up to a quarter less
}

TEST_F(Dial, EveryAddressOfANameIsTried) {
  Host listener(io, 1);
  Host dialler(io, 2);
  const auto port = listener.links.listen("tcp://127.0.0.1:0");
  ASSERT_TRUE(port);
  dialler.dial("tcp://localhost:" + std::to_string(*port));
  ASSERT_TRUE(run_until(io, [&] { return dialler.is_up(); })) << dialler.last_failure();
  EXPECT_EQ(dialler.ups[0].remote, "127.0.0.1:" + std::to_string(*port));
  EXPECT_EQ(dialler.ups[0].uri, "tcp://localhost:" + std::to_string(*port));
}

TEST_F(Dial, UnknownNamesAreSaid) {
  Host dialler(io, 2);
  dialler.dial("tls://no-such-host.invalid:443");
  ASSERT_TRUE(run_until(io, [&] { return !dialler.failures.empty(); }));
  EXPECT_TRUE(dialler.failures[0].reason.starts_with("cannot find the host no-such-host.invalid"));
}

TEST_F(Dial, AddressesThatLeadNowhereAreSkipped) {
  const auto reason_for = [&](const std::string& uri) {
    Host dialler(io, 2);
    dialler.dial(uri);
    EXPECT_TRUE(run_until(io, [&] { return !dialler.failures.empty(); }));
    return dialler.status(uri).last_error;
  };
  EXPECT_EQ(reason_for("tcp://0.0.0.0:1"), "the address is unspecified");
  EXPECT_EQ(reason_for("tcp://[::]:1"), "the address is unspecified");
  EXPECT_EQ(reason_for("tcp://[::ffff:0.0.0.0]:1"), "the address is unspecified");
  EXPECT_EQ(reason_for("tcp://224.0.0.1:1"), "the address is multicast or reserved");
  EXPECT_EQ(reason_for("tcp://[ff02::1]:1"), "the address is multicast");
  EXPECT_EQ(reason_for("tcp://[200:1234::1]:1"), "the address lies inside the mesh (200::/7)");
  EXPECT_EQ(reason_for("tcp://[3ff:1234::1]:1"), "the address lies inside the mesh (200::/7)");
  EXPECT_EQ(reason_for("tcp://[fe80::1%nosuchif]:1"), "there is no network interface 'nosuchif'");
}

TEST_F(Dial, SilentPeersTimeOut) {
  LinksOptions options = quick();
  options.timings.setup = 100ms;
  Host dialler(io, 2, options);
  const auto address = numeric_address(*parse_peer_uri("tcp://127.0.0.1:0", UriUse::listen));
  const auto deaf = open_listener(*address);  // the kernel accepts, nobody speaks
  const std::string where = "127.0.0.1:" + std::to_string(local_address(deaf->get()).port());
  dialler.dial("tcp://" + where);
  dialler.dial("tls://" + where);
  ASSERT_TRUE(run_until(io, [&] { return dialler.failures.size() >= 2; }));
  for (const Failure& failure : dialler.failures) {
    EXPECT_EQ(failure.reason, "the peer did not finish its handshake in time; trying again");
  }
}

TEST_F(Dial, ConnectingTimesOut) {
  LinksOptions options = quick();
  options.timings.connect = 100ms;
  Host dialler(io, 2, options);
  // A listener whose queue is full drops what comes next.
  const auto address = numeric_address(*parse_peer_uri("tcp://127.0.0.1:0", UriUse::listen));
  const auto full = open_listener(*address);
  ASSERT_EQ(::listen(full->get(), 0), 0);
  const std::string uri = "tcp://127.0.0.1:" + std::to_string(local_address(full->get()).port());
  std::vector<UniqueFd> fillers;
  for (int i = 0; i < 4; ++i) {
    fillers.push_back(std::move(*start_connect(local_address(full->get()), "")));
  }
  dialler.dial(uri);
  ASSERT_TRUE(run_until(io, [&] { return !dialler.failures.empty(); }));
  EXPECT_EQ(dialler.failures[0].reason, "no answer to our attempts to connect; trying again");
}

TEST_F(Dial, BoundInterfaceIsUsed) {
  Host listener(io, 1);
  Host dialler(io, 2);
  const std::string uri = listener.listen("tcp://127.0.0.1:0");
  ASSERT_TRUE(dialler.links.add_peer(uri, "lo"));
  ASSERT_TRUE(dialler.links.add_peer(uri, "nosuchif"));
  ASSERT_TRUE(run_until(io, [&] { return dialler.is_up() && !dialler.failures.empty(); }));
  EXPECT_EQ(dialler.failures[0].reason,
            "cannot bind to interface nosuchif: no such device; trying again");
}

}  // namespace thicket::transport
