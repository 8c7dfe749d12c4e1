#include <gtest/gtest.h>
#include <malloc.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "transport/handshake.hpp"
#include "transport/network.hpp"
#include "transport/peer_uri.hpp"

// What strangers can cost us.
namespace thicket::transport {

using namespace testing;
using namespace std::chrono_literals;

namespace {

struct Strangers : ::testing::Test {
  asio::io_context io;
};

/// Bytes that are allocated now.
[[maybe_unused]] std::size_t allocated() {
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

/// Leaves the process this many descriptors more than it has; returns the limit as it was.
[[maybe_unused]] rlimit leave_descriptors(int count) {
  rlimit old{};
  EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &old), 0);
  std::vector<UniqueFd> probes;
  for (int i = 0; i < count + 1; ++i) probes.emplace_back(::dup(0));
  rlimit tight = old;
  tight.rlim_cur = static_cast<rlim_t>(probes.back().get());
  EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  return old;
}

constexpr std::string_view kEvicted =
    "dropped before its handshake was done, in favour of newer connections";

}  // namespace

TEST_F(Strangers, SilentOnesAreDroppedInTime) {
  for (const char* uri : {"tcp://127.0.0.1:0", "tls://127.0.0.1:0"}) {
    LinksOptions options = quick();
    options.timings.setup = 100ms;
    Host host(io, 1, options);
    Stranger stranger(host.listen(uri));
    ASSERT_TRUE(run_until(io, [&] { return stranger.ended(); }));
    EXPECT_EQ(host.last_failure(), "the peer did not finish its handshake in time");
  }
}

TEST_F(Strangers, TricklingDoesNotBuyTime) {
  LinksOptions options = quick();
  options.timings.setup = 300ms;
  Host host(io, 1, options);
  Host other(io, 2);
  Stranger stranger(host.listen("tcp://127.0.0.1:0"));
  const std::vector<ExtraField> extra{{0x5448, Bytes(60000, 1)}};
  const Bytes record = encode_handshake(other.identity, "", 0, extra);
  const auto start = std::chrono::steady_clock::now();
  std::size_t sent = 0;
  ASSERT_TRUE(run_until(io, [&] {
    if (sent < record.size()) stranger.send({&record[sent++], 1});
    return stranger.ended();
  }));
  EXPECT_LT(sent, record.size());
  EXPECT_LT(std::chrono::steady_clock::now() - start, 30s);
  EXPECT_EQ(host.last_failure(), "the peer did not finish its handshake in time");
}

TEST_F(Strangers, FiveHundredSilentOnesDoNotKeepAPeerOut) {
  Host host(io, 1);
  const std::string uri = host.listen("tcp://127.0.0.1:0");
  std::vector<std::unique_ptr<Stranger>> crowd;
  for (int i = 0; i < 300; ++i) {
    crowd.push_back(std::make_unique<Stranger>(uri));
    io.poll();
  }
  Host peer(io, 2);
  peer.dial(uri);
  ASSERT_TRUE(run_until(io, [&] { return host.is_up() && peer.is_up(); }));
  for (int i = 0; i < 200; ++i) {
    crowd.push_back(std::make_unique<Stranger>(uri));
    io.poll();
  }
  EXPECT_TRUE(host.is_up());
  EXPECT_FALSE(host.failures.empty());
  EXPECT_EQ(host.failures[0].reason, kEvicted);
}

TEST_F(Strangers, TheOldestHalfOpenOneGoesFirst) {
  LinksOptions options = quick();
  options.inbound.half_open = 2;
  Host host(io, 1, options);
  const std::string uri = host.listen("tls://127.0.0.1:0");
  Stranger first(uri);
  Stranger second(uri);
  Stranger third(uri);
  ASSERT_TRUE(run_until(io, [&] { return first.ended(); }));
  io.poll();
  EXPECT_FALSE(second.ended());
  EXPECT_FALSE(third.ended());
  EXPECT_EQ(host.failures.size(), 1u);
}

TEST_F(Strangers, EstablishedInboundLinksAreBounded) {
  LinksOptions options = quick();
  options.inbound.established = 2;
  Host host(io, 1, options);
  const std::string uri = host.listen("tcp://127.0.0.1:0");
  Host one(io, 2), two(io, 3), three(io, 4);
  one.dial(uri);
  two.dial(uri);
  ASSERT_TRUE(run_until(io, [&] { return host.is_up(2); }));
  three.dial(uri);
  ASSERT_TRUE(run_until(io, [&] { return !host.failures.empty(); }));
  EXPECT_EQ(host.failures[0].reason, "there are 2 inbound links already, as many as we take");
  EXPECT_EQ(host.ups.size(), 2u);
  one.links.shutdown();
  ASSERT_TRUE(run_until(io, [&] { return host.ups.size() == 3; }));
}

TEST_F(Strangers, InboundLimitsFitTheDescriptors) {
  EXPECT_EQ(InboundLimits::fitting(1024).established, 512u);
  EXPECT_EQ(InboundLimits::fitting(1024).half_open, 128u);
  EXPECT_EQ(InboundLimits::fitting(1024).discovered, 128u);
  EXPECT_EQ(InboundLimits::fitting(1'000'000).established, 1024u);
  EXPECT_EQ(InboundLimits::fitting(1'000'000).half_open, 256u);
  EXPECT_EQ(InboundLimits::fitting(0).half_open, 1u);
  rlimit old{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &old), 0);
  rlimit few = old;
  few.rlim_cur = 200;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  const LinksOptions options;
  ::setrlimit(RLIMIT_NOFILE, &old);
  EXPECT_EQ(options.inbound.established, 100u);
  EXPECT_EQ(options.inbound.half_open, 25u);
}

TEST_F(Strangers, OneKeyGetsAFewInboundLinks) {
  Host host(io, 1);
  Host other(io, 2);
  const std::string uri = host.listen("tcp://127.0.0.1:0");
  const Bytes record = encode_handshake(other.identity, "", 0);
  std::vector<std::unique_ptr<Stranger>> same;
  for (std::size_t i = 0; i < kInboundPerKey + 1; ++i) {
    same.push_back(std::make_unique<Stranger>(uri));
    same.back()->send(record);
  }
  ASSERT_TRUE(run_until(io, [&] { return !host.failures.empty(); }));
  EXPECT_EQ(host.failures[0].reason,
            "there are 8 inbound links from this key already, as many as we take");
  EXPECT_EQ(host.ups.size(), kInboundPerKey);
  Host third(io, 3);
  third.dial(uri);
  ASSERT_TRUE(run_until(io, [&] { return host.ups.size() == kInboundPerKey + 1; }));
  EXPECT_TRUE(host.downs.empty());
}

TEST_F(Strangers, ACrowdedAddressGivesWayToAnother) {
  LinksOptions options = quick();
  options.inbound.established = 3;
  Host host(io, 1, options);
  const std::string uri = host.listen("tcp://127.0.0.1:0");
  std::vector<std::unique_ptr<Host>> crowd;
  for (std::uint64_t i = 0; i < 3; ++i) {
    crowd.push_back(std::make_unique<Host>(io, 10 + i));
    crowd.back()->dial(uri);
    ASSERT_TRUE(run_until(io, [&] { return host.is_up(i + 1); }));
  }
  Host elsewhere(io, 2);
  const Bytes record = encode_handshake(elsewhere.identity, "", 0);
  const auto from_elsewhere = [&] {
    const auto address = numeric_address(*parse_peer_uri("tcp://127.0.0.2:1"));
    sockaddr_in own{};
    std::memcpy(&own, &address->storage, sizeof own);
    own.sin_port = 0;
    UniqueFd fd(::socket(AF_INET, SOCK_STREAM, 0));
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own), 0);
    const auto there = numeric_address(*parse_peer_uri(uri));
    EXPECT_EQ(::connect(fd.get(), there->get(), there->size), 0);
    EXPECT_EQ(::send(fd.get(), record.data(), record.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(record.size()));
    return fd;
  };
  const UniqueFd first = from_elsewhere();
  ASSERT_TRUE(run_until(io, [&] { return host.ups.size() == 4; }));
  ASSERT_EQ(host.downs.size(), 1u);
  EXPECT_EQ(host.downs[0].link.peer, crowd[2]->key());  // the newest of the crowd
  EXPECT_EQ(host.ups[3].peer, elsewhere.key());
  // Two against one: another swap would only turn it round.
  const UniqueFd second = from_elsewhere();
  const auto refused = [&] {
    return std::ranges::count_if(host.failures, [](const Failure& failure) {
             return failure.uri.starts_with("tcp://127.0.0.2:");
           }) == 1;
  };
  ASSERT_TRUE(run_until(io, refused));
  EXPECT_EQ(host.downs.size(), 1u);
}

#ifndef THICKET_SANITIZED  // sanitizers allocate in their own way
TEST_F(Strangers, HalfOpenConnectionsAreCheap) {
  constexpr std::size_t kCrowd = 100;
  Host host(io, 1);
  Host other(io, 2);
  const Bytes record = encode_handshake(other.identity, "", 0);
  const auto cost_of_one = [&](const std::string& uri, const Bytes& said) {
    std::vector<std::unique_ptr<Stranger>> crowd;
    crowd.reserve(kCrowd);
    for (std::size_t i = 0; i < kCrowd; ++i) {
      crowd.push_back(std::make_unique<Stranger>(uri));
      crowd.back()->send(said);
    }
    const std::size_t before = allocated();
    while (io.poll() != 0) continue;
    const std::size_t after = allocated();
    crowd.clear();
    const std::size_t gone = host.failures.size() + kCrowd;
    EXPECT_TRUE(run_until(io, [&] { return host.failures.size() == gone; }));
    return (after - before) / kCrowd;
  };
  const std::string tcp = host.listen("tcp://127.0.0.1:0");
  const std::string tls = host.listen("tls://127.0.0.1:0");
  cost_of_one(tcp, {});  // the shared buffers appear
  EXPECT_LT(cost_of_one(tcp, Bytes(record.begin(), record.end() - 1)), 4096u);
  EXPECT_LT(cost_of_one(tls, {}), 4096u);
}
#endif

#ifndef THICKET_SANITIZED  // UBSan itself needs a pipe to tell whether an object is one
TEST_F(Strangers, RunningOutOfDescriptorsDoesNotSpinOrStop) {
  Host host(io, 1);
  Host peer(io, 2);
  const std::string uri = host.listen("tcp://127.0.0.1:0");
  std::vector<std::unique_ptr<Stranger>> crowd;
  for (int i = 0; i < 3; ++i) crowd.push_back(std::make_unique<Stranger>(uri));
  rlimit old = leave_descriptors(1);
  const bool evicted = run_until(io, [&] { return host.failures.size() == 2; });
  ::setrlimit(RLIMIT_NOFILE, &old);
  ASSERT_TRUE(evicted);
  EXPECT_EQ(host.failures[0].reason, kEvicted);

  // With nothing to evict, the listener rests and comes back.
  crowd.clear();
  ASSERT_TRUE(run_until(io, [&] { return host.failures.size() == 3; }));
  Stranger waiting(uri);
  old = leave_descriptors(0);
  std::size_t events = 0;
  const auto until = std::chrono::steady_clock::now() + 2 * kAcceptPause;
  while (std::chrono::steady_clock::now() < until) events += io.run_one_for(20ms);
  ::setrlimit(RLIMIT_NOFILE, &old);
  EXPECT_LT(events, 20u);
  peer.dial(uri);
  ASSERT_TRUE(run_until(io, [&] { return host.is_up() && peer.is_up(); }));
}
#endif

}  // namespace thicket::transport
