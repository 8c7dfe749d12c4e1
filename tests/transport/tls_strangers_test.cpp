#include <gtest/gtest.h>
#include <openssl/ssl.h>

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

}  // namespace thicket::transport
