#include "transport/links.hpp"

#include <gtest/gtest.h>

#include <filesystem>

#include "transport/network.hpp"
#include "transport/peer_uri.hpp"

namespace thicket::transport {

using namespace testing;

namespace {

struct Way {
  const char* name;
  const char* listen;
};

class Transports : public ::testing::TestWithParam<Way> {
 protected:
  std::string listen_uri() const {
    const std::string uri = GetParam().listen;
    return uri == "unix" ? "unix://" + socket_path("transports") : uri;
  }
  asio::io_context io_;
};

const LinkInfo& only_link(const Host& host) {
  EXPECT_EQ(host.ups.size(), 1u);
  return host.ups.front();
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Ways, Transports,
                         ::testing::Values(Way{"TcpIpv4", "tcp://127.0.0.1:0"},
                                           Way{"TcpIpv6", "tcp://[::1]:0"},
                                           Way{"TlsIpv4", "tls://127.0.0.1:0"},
                                           Way{"TlsIpv6", "tls://[::1]:0"}, Way{"Unix", "unix"}),
                         [](const auto& way) { return way.param.name; });

TEST_P(Transports, ComeUpCarryFramesAndGoDown) {
  Host listener(io_, 1);
  Host dialler(io_, 2);
  const std::string uri = listener.listen(listen_uri());
  dialler.dial(uri + "?priority=3");
  ASSERT_TRUE(run_until(io_, [&] { return listener.is_up() && dialler.is_up(); }))
      << dialler.last_failure();
  const LinkInfo& out = only_link(dialler);
  const LinkInfo& in = only_link(listener);
  EXPECT_EQ(out.peer, listener.key());
  EXPECT_EQ(in.peer, dialler.key());
  EXPECT_FALSE(out.inbound);
  EXPECT_TRUE(in.inbound);
  EXPECT_EQ(out.uri, uri);
  EXPECT_EQ(out.uri.substr(0, out.uri.find(':')), in.uri.substr(0, in.uri.find(':')));
  EXPECT_FALSE(in.remote.empty());
  EXPECT_TRUE(out.uri.ends_with(out.remote));
  EXPECT_EQ(out.priority, 3);
  EXPECT_EQ(in.priority, 3);

  const Bytes small{9, 1, 2, 3};
  const Bytes large(131070, 0x5a);
  dialler.send(out.id, small);
  dialler.send(out.id, large);
  listener.send(in.id, large);
  listener.send(in.id, small);
  ASSERT_TRUE(run_until(io_, [&] {
    return listener.received[in.id].size() == 2 && dialler.received[out.id].size() == 2;
  }));
  EXPECT_EQ(listener.received[in.id], (std::vector<Bytes>{small, large}));
  EXPECT_EQ(dialler.received[out.id], (std::vector<Bytes>{large, small}));
  EXPECT_GE(listener.heard[in.id], 1);
  EXPECT_GE(listener.batches[in.id], 1);

  const PeerStatus status = dialler.status(uri);
  EXPECT_TRUE(status.up);
  EXPECT_EQ(status.key, listener.key());
  EXPECT_EQ(status.link, out.id);
  EXPECT_GT(status.bytes_sent, large.size());
  EXPECT_GT(status.bytes_received, large.size());
  EXPECT_GE(status.uptime_seconds, 0);

  listener.links.close(in.id, "enough");
  ASSERT_EQ(listener.downs.size(), 1u);
  EXPECT_EQ(listener.downs[0].reason, "enough");
  ASSERT_TRUE(run_until(io_, [&] { return dialler.downs.size() == 1; }));
  EXPECT_EQ(dialler.downs[0].reason, "the peer closed the connection");
  EXPECT_EQ(dialler.status(uri).last_error, "the peer closed the connection");
  ASSERT_TRUE(run_until(io_, [&] { return dialler.ups.size() == 2; })) << "no redial";
}

TEST_P(Transports, ShutdownLeavesNothingBusy) {
  Host listener(io_, 1);
  Host dialler(io_, 2);
  const std::string uri = listener.listen(listen_uri());
  dialler.dial(uri);
  dialler.dial("tcp://localhost:1");
  ASSERT_TRUE(run_until(io_, [&] { return listener.is_up() && dialler.is_up(); }));
  listener.links.shutdown();
  dialler.links.shutdown();
  EXPECT_EQ(listener.downs.size(), 1u);
  EXPECT_EQ(dialler.downs.size(), 1u);
  io_.restart();
  io_.run();  // would hang if anything were left
  EXPECT_TRUE(dialler.links.peers().empty());
  EXPECT_TRUE(listener.links.peers().empty());
  EXPECT_FALSE(dialler.links.add_peer(uri));
  EXPECT_FALSE(uri.starts_with("unix://") && std::filesystem::exists(uri.substr(7)));
}

TEST(Links, AnothersSocketFileStays) {
  asio::io_context io;
  Host first(io, 1);
  Host second(io, 2);
  const std::string path = socket_path("taken-over");
  first.listen("unix://" + path);
  // Kept under another name, lest the new file get its inode.
  std::filesystem::rename(path, path + ".old");
  second.listen("unix://" + path);
  first.links.shutdown();
  EXPECT_TRUE(std::filesystem::exists(path));
  second.links.shutdown();
  EXPECT_FALSE(std::filesystem::exists(path));
  std::filesystem::remove(path + ".old");
}

TEST(Links, DualStackListenerTakesBothFamilies) {
  asio::io_context io;
  Host listener(io, 1);
  Host dialler(io, 2);
  const auto port = listener.links.listen("tcp://[::]:0");
  ASSERT_TRUE(port) << port.error();
  dialler.dial("tcp://127.0.0.1:" + std::to_string(*port));
  dialler.dial("tcp://[::1]:" + std::to_string(*port));
  ASSERT_TRUE(run_until(io, [&] { return listener.is_up(2) && dialler.is_up(2); }));
  for (const LinkInfo& link : listener.ups) {
    EXPECT_TRUE(link.uri.starts_with("tcp://127.0.0.1:") || link.uri.starts_with("tcp://[::1]:"))
        << link.uri;
  }
  EXPECT_NE(listener.ups[0].id, listener.ups[1].id);
}

TEST(Links, SeveralLinksToOneKeyStand) {
  asio::io_context io;
  Host one(io, 1);
  Host two(io, 2);
  const std::string tcp = one.listen("tcp://127.0.0.1:0");
  const std::string tls = one.listen("tls://127.0.0.1:0");
  two.dial(tcp);
  two.dial(tls);
  one.dial(two.listen("tcp://127.0.0.1:0"));
  ASSERT_TRUE(run_until(io, [&] { return one.is_up(3) && two.is_up(3); }));
  EXPECT_TRUE(one.downs.empty());
  EXPECT_EQ(two.links.peers().size(), 3u);
}

TEST(Links, RefusesWhatIsThereAlready) {
  asio::io_context io;
  Host host(io, 1);
  host.dial("tcp://127.0.0.1:9?priority=1");
  const auto again = host.links.add_peer("TCP://127.0.0.1:9?priority=2");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error(), "tcp://127.0.0.1:9 is a peer already");
  EXPECT_TRUE(host.links.add_peer("tcp://127.0.0.1:9", "lo"));
  EXPECT_TRUE(host.links.remove_peer("tcp://127.0.0.1:9"));
  const auto gone = host.links.remove_peer("tcp://127.0.0.1:9");
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error(), "tcp://127.0.0.1:9 is not among our peers");
}

TEST(Links, RefusesBadUris) {
  asio::io_context io;
  Host host(io, 1);
  const auto bad = host.links.add_peer("quic://example.org:443");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error(), "quic:// is not supported yet: use tcp://, tls:// or unix://");
  EXPECT_FALSE(host.links.listen("tcp://192.0.2.1:0"));  // not an address of this machine
  const auto port = host.links.listen("tcp://127.0.0.1:0");
  ASSERT_TRUE(port);
  const auto taken = host.links.listen("tcp://127.0.0.1:" + std::to_string(*port));
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error(),
            "cannot listen on 127.0.0.1:" + std::to_string(*port) + ": address already in use");
}

TEST(Links, RemovedPeerIsNotRedialled) {
  asio::io_context io;
  Host listener(io, 1);
  Host dialler(io, 2);
  const std::string uri = listener.listen("tcp://127.0.0.1:0");
  dialler.dial(uri);
  ASSERT_TRUE(run_until(io, [&] { return dialler.is_up() && listener.is_up(); }));
  ASSERT_TRUE(dialler.links.remove_peer(uri));
  ASSERT_EQ(dialler.downs.size(), 1u);
  EXPECT_EQ(dialler.downs[0].reason, "the peer was removed");
  EXPECT_TRUE(dialler.links.peers().empty());
  ASSERT_TRUE(run_until(io, [&] { return listener.downs.size() == 1; }));
  dialler.dial(uri);  // and may come back
  ASSERT_TRUE(run_until(io, [&] { return dialler.ups.size() == 2; }));
}

TEST(Links, ReplacesAStaleUnixSocket) {
  asio::io_context io;
  const std::string uri = "unix://" + socket_path("stale");
  const auto address = numeric_address(*parse_peer_uri(uri));
  { ASSERT_TRUE(open_listener(*address)); }  // leaves its file behind
  Host host(io, 1);
  EXPECT_TRUE(host.links.listen(uri));
  Host other(io, 2);
  EXPECT_FALSE(other.links.listen(uri));  // this one is in use
}

TEST(Links, ClosingInsideAFrameStopsTheRest) {
  asio::io_context io;
  Host listener(io, 1);
  Host dialler(io, 2);
  dialler.dial(listener.listen("tcp://127.0.0.1:0"));
  ASSERT_TRUE(run_until(io, [&] { return listener.is_up() && dialler.is_up(); }));
  int frames = 0;
  listener.on_frame = [&](LinkId link, Packet&) {
    ++frames;
    listener.links.close(link, "malformed frame");
  };
  for (int i = 0; i < 10; ++i) dialler.queue(dialler.ups[0].id, {1});
  dialler.links.wake(dialler.ups[0].id);
  ASSERT_TRUE(run_until(io, [&] { return dialler.downs.size() == 1; }));
  EXPECT_EQ(frames, 1);
  EXPECT_EQ(listener.downs[0].reason, "malformed frame");
  listener.links.wake(listener.ups[0].id);  // of a link that is gone: nothing
  listener.links.close(listener.ups[0].id, "again");
  EXPECT_EQ(listener.downs.size(), 1u);
}

TEST(Links, ClosingAsSoonAsUpIsFine) {
  asio::io_context io;
  Host listener(io, 1);
  Host dialler(io, 2);
  listener.on_up = [&](const LinkInfo& link) { listener.links.close(link.id, "not today"); };
  dialler.dial(listener.listen("tls://127.0.0.1:0"));
  ASSERT_TRUE(run_until(io, [&] { return listener.downs.size() == 2; }));
  EXPECT_EQ(listener.downs[0].reason, "not today");
}

TEST(Links, BadLengthEndsTheLink) {
  asio::io_context io;
  Host listener(io, 1);
  Host dialler(io, 2);
  dialler.dial(listener.listen("tcp://127.0.0.1:0"));
  ASSERT_TRUE(run_until(io, [&] { return listener.is_up() && dialler.is_up(); }));
  dialler.queues[dialler.ups[0].id].push_back(Packet::copy_of(Bytes{2, 1, 1, 0}));
  dialler.links.wake(dialler.ups[0].id);
  ASSERT_TRUE(run_until(io, [&] { return listener.downs.size() == 1; }));
  EXPECT_EQ(listener.received[listener.ups[0].id].size(), 1u);
  EXPECT_EQ(listener.downs[0].reason, "frame without a type");
}

}  // namespace thicket::transport
