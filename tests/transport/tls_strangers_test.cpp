#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <algorithm>

#include "transport/handshake.hpp"
#include "transport/network.hpp"

// TLS peers that do what OpenSSL lets them do, but a node would not.
namespace thicket::transport {

using namespace testing;

namespace {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

/// A TLS client over a hand-held connection.
struct Client {
  explicit Client(const std::string& uri) : stranger(uri) {
    SSL_set_fd(ssl.get(), stranger.fd());
    SSL_set_connect_state(ssl.get());
  }
  /// Sends the handshake of `other` through TLS. false: again later.
  bool greet(const Host& other) {
    if (SSL_do_handshake(ssl.get()) != 1) return false;
    const Bytes record = encode_handshake(other.identity, "", 0);
    return SSL_write(ssl.get(), record.data(), static_cast<int>(record.size())) > 0;
  }
  /// One read of up to `most` bytes; 0: nothing there.
  std::size_t read(std::size_t most) {
    Bytes buffer(most);
    std::size_t count = 0;
    return SSL_read_ex(ssl.get(), buffer.data(), most, &count) == 1 ? count : 0;
  }

  Stranger stranger;
  std::unique_ptr<SSL_CTX, FreeSsl> context{SSL_CTX_new(TLS_client_method())};
  std::unique_ptr<SSL, FreeSsl> ssl{SSL_new(context.get())};
};

struct TlsStrangers : ::testing::Test {
  void come_up(Client& client) {
    ASSERT_TRUE(run_until(io, [&] { return client.greet(other); }));
    ASSERT_TRUE(run_until(io, [&] { return host.is_up(); }));
  }

  asio::io_context io;
  Host host{io, 1};
  Host other{io, 2};
};

void replace(Bytes& bytes, const Bytes& old, const Bytes& with) {
  const auto found = std::ranges::search(bytes, old);
  ASSERT_FALSE(found.empty());
  std::ranges::copy(with, found.begin());
}

}  // namespace

TEST_F(TlsStrangers, APeerThatReadsInBurstsGetsTheLastByte) {
  Client client(host.listen("tls://127.0.0.1:0"));
  come_up(client);
  std::size_t expected = encode_handshake(host.identity, "", 0).size();
  bool enough = false;
  host.produce = [&](LinkId) -> std::optional<Packet> {
    if (enough) return std::nullopt;
    Packet frame = framed(Bytes(1000, 9));
    expected += frame.size();
    return frame;
  };
  host.links.wake(host.ups[0].id);
  while (io.poll() != 0) continue;  // until nothing more fits
  enough = true;
  std::size_t received = 0;
  std::size_t turns = 0;
  ASSERT_TRUE(run_until(io,
                        [&] {
                          ++turns;
                          received += client.read(8 * 1024);
                          return received == expected;
                        }))
      << received << " of " << expected;
  EXPECT_LT(turns, expected / 1024);
}

TEST_F(TlsStrangers, KeyUpdatesWithoutEndEndTheLink) {
  Client client(host.listen("tls://127.0.0.1:0"));
  come_up(client);
  int updates = 0;
  ASSERT_TRUE(run_until(io, [&] {
    if (!host.downs.empty() || updates == 1000) return true;
    SSL_key_update(client.ssl.get(), SSL_KEY_UPDATE_REQUESTED);
    SSL_do_handshake(client.ssl.get());
    client.read(8 * 1024);
    ++updates;
    return false;
  }));
  ASSERT_EQ(host.downs.size(), 1u);
  EXPECT_EQ(host.downs[0].reason, "TLS failed: the peer sends handshake messages and no data");
  EXPECT_GT(updates, 20);
}

TEST_F(TlsStrangers, SomeKeyUpdatesAreFine) {
  Client client(host.listen("tls://127.0.0.1:0"));
  come_up(client);
  for (int i = 0; i < 20; ++i) {
    SSL_key_update(client.ssl.get(), SSL_KEY_UPDATE_REQUESTED);
    SSL_do_handshake(client.ssl.get());
  }
  const Bytes frame{2, 9, 1};  // length, body
  ASSERT_EQ(SSL_write(client.ssl.get(), frame.data(), static_cast<int>(frame.size())), 3);
  ASSERT_TRUE(run_until(io, [&] { return host.received[host.ups[0].id].size() == 1; }));
  EXPECT_TRUE(host.downs.empty());
}

TEST_F(TlsStrangers, NoSecondHelloIsAskedFor) {
  Client client(host.listen("tls://127.0.0.1:0"));
  SSL_set1_groups_list(client.ssl.get(), "X25519:X448");
  SSL_set_bio(client.ssl.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_do_handshake(client.ssl.get());
  char* start = nullptr;
  const long size = BIO_get_mem_data(SSL_get_wbio(client.ssl.get()), &start);
  Bytes hello(start, start + size);
  // The key share is for a group that nobody knows, the other group has none.
  replace(hello, {0, 4, 0, 0x1d, 0, 0x1e}, {0, 4, 0x0a, 0x0a, 0, 0x1e});
  replace(hello, {0, 0x24, 0, 0x1d, 0, 0x20}, {0, 0x24, 0x0a, 0x0a, 0, 0x20});
  client.stranger.send(hello);
  ASSERT_TRUE(run_until(io, [&] { return client.stranger.ended(); }));
  EXPECT_EQ(host.last_failure(), "TLS failed: the ClientHello has no key share for us");
}

}  // namespace thicket::transport
