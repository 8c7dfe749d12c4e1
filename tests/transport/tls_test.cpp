#include <gtest/gtest.h>
#include <malloc.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include "transport/handshake.hpp"
#include "transport/limits.hpp"
#include "transport/network.hpp"
#include "transport/peer_uri.hpp"
#include "transport/tls_context.hpp"

// TLS as others see it: a plain OpenSSL client and server against our links.
namespace thicket::transport {

using namespace testing;

namespace {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using Ssl = std::unique_ptr<SSL, FreeSsl>;
using SslContext = std::unique_ptr<SSL_CTX, FreeSsl>;

struct Tls : ::testing::Test {
  asio::io_context io;
  Host host{io, 1};
};

Ssl client_on(SSL_CTX* context, int fd) {
  Ssl ssl(SSL_new(context));
  SSL_set_fd(ssl.get(), fd);
  SSL_set_connect_state(ssl.get());
  return ssl;
}

}  // namespace

TEST_F(Tls, CertificateIsOurKeyForever) {
  Stranger stranger(host.listen("tls://127.0.0.1:0"));
  const SslContext context(SSL_CTX_new(TLS_client_method()));
  const Ssl ssl = client_on(context.get(), stranger.fd());
  ASSERT_TRUE(run_until(io, [&] { return SSL_do_handshake(ssl.get()) == 1; }));
  EXPECT_STREQ(SSL_get_version(ssl.get()), "TLSv1.3");
  X509* certificate = SSL_get0_peer_certificate(ssl.get());
  ASSERT_NE(certificate, nullptr);
  std::array<std::uint8_t, 32> key{};
  std::size_t size = key.size();
  ASSERT_EQ(EVP_PKEY_get_raw_public_key(X509_get0_pubkey(certificate), key.data(), &size), 1);
  EXPECT_EQ(key, host.key().bytes);
  std::array<char, 128> name{};
  X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name.data(),
                            name.size());
  EXPECT_EQ(std::string(name.data()), host.key().to_hex());
  tm end{};
  ASSERT_EQ(ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end), 1);
  EXPECT_EQ(end.tm_year + 1900, 9999);
  EXPECT_EQ(X509_verify(certificate, X509_get0_pubkey(certificate)), 1);
  // And behind it, the handshake of the mesh.
  Bytes received(4096);
  std::size_t count = 0;
  ASSERT_TRUE(run_until(
      io, [&] { return SSL_read_ex(ssl.get(), received.data(), received.size(), &count) == 1; }));
  received.resize(count);
  EXPECT_EQ(received, encode_handshake(host.identity, "", 0));
}

TEST_F(Tls, ListenerRefusesOldVersions) {
  Stranger stranger(host.listen("tls://127.0.0.1:0"));
  const SslContext context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  const Ssl ssl = client_on(context.get(), stranger.fd());
  ASSERT_TRUE(run_until(io, [&] {
    SSL_do_handshake(ssl.get());
    return !host.failures.empty();
  }));
  EXPECT_TRUE(host.last_failure().starts_with("TLS failed: ")) << host.last_failure();
}

TEST_F(Tls, HugeHelloIsRefusedUnread) {
  Stranger stranger(host.listen("tls://127.0.0.1:0"));
  stranger.send(Bytes{22, 3, 1, 2, 0, 1, 1, 0, 0});  // announces 65536 bytes
  ASSERT_TRUE(run_until(io, [&] { return stranger.ended(); }));
  EXPECT_EQ(host.last_failure(), "TLS failed: the ClientHello is too long");
}

TEST_F(Tls, HangingUpInsideTheHelloDoesNotSpin) {
  const std::string uri = host.listen("tls://127.0.0.1:0");
  {
    Stranger stranger(uri);
    stranger.send(Bytes{22, 3, 1});
    ASSERT_EQ(::shutdown(stranger.fd(), SHUT_WR), 0);
    ASSERT_TRUE(run_until(io, [&] { return !host.failures.empty(); }));
  }
  EXPECT_EQ(host.last_failure(), "the peer closed the connection before its handshake");
}

namespace {

/// Accepts one TLS connection and notes the name the client asked for.
struct PlainServer {
  explicit PlainServer(Host& host, int max_version) : tls(*TlsContext::make(host.identity)) {
    SSL_CTX_set_min_proto_version(tls->get(), TLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(tls->get(), max_version);
    const auto address = numeric_address(*parse_peer_uri("tcp://127.0.0.1:0", UriUse::listen));
    listener = std::move(*open_listener(*address));
  }
  std::string port() const { return std::to_string(local_address(listener.get()).port()); }
  bool handshake() {
    if (!ssl) {
      connection = UniqueFd(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK));
      if (connection.get() < 0) return false;
      ssl.reset(SSL_new(tls->get()));
      SSL_set_fd(ssl.get(), connection.get());
      SSL_set_accept_state(ssl.get());
    }
    return SSL_do_handshake(ssl.get()) == 1;
  }
  std::string name() const {
    const char* name = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name);
    return name == nullptr ? "" : name;
  }

  std::unique_ptr<TlsContext> tls;
  UniqueFd listener;
  UniqueFd connection;
  Ssl ssl;
};

}  // namespace

TEST_F(Tls, ServerNameIsTheHostOrTheOptionButNoAddress) {
  const auto name_for = [&](const std::string& before, const std::string& after) {
    PlainServer server(host, TLS1_3_VERSION);
    Host dialler(io, 2);
    dialler.dial("tls://" + before + ":" + server.port() + after);
    EXPECT_TRUE(run_until(io, [&] { return server.handshake(); }));
    return server.name();
  };
  EXPECT_EQ(name_for("127.0.0.1", ""), "");
  EXPECT_EQ(name_for("localhost", ""), "localhost");
  EXPECT_EQ(name_for("127.0.0.1", "?sni=mesh.example"), "mesh.example");
  EXPECT_EQ(name_for("localhost", "?sni=192.0.2.1"), "");
}

TEST_F(Tls, DiallingAcceptsTls12) {
  PlainServer server(host, TLS1_2_VERSION);
  Host dialler(io, 2);
  dialler.dial("tls://127.0.0.1:" + server.port());
  ASSERT_TRUE(run_until(io, [&] { return server.handshake(); }));
  const Bytes record = encode_handshake(host.identity, "", 0);
  ASSERT_EQ(SSL_write(server.ssl.get(), record.data(), static_cast<int>(record.size())),
            static_cast<int>(record.size()));
  ASSERT_TRUE(run_until(io, [&] { return dialler.is_up(); }));
  EXPECT_EQ(dialler.ups[0].peer, host.key());
}

#ifndef THICKET_SANITIZED  // sanitizers allocate in their own way
TEST_F(Tls, SetUpIsCheap) {
  constexpr std::size_t kCrowd = 50;
  const std::string uri = host.listen("tls://127.0.0.1:0");
  const SslContext context(SSL_CTX_new(TLS_client_method()));
  const auto allocated = [] {
    const auto info = ::mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  // Strangers that finish the TLS handshake and then say nothing. What their own side takes is
  // measured first, against a server of the test that is as busy.
  const auto crowd_cost = [&](std::size_t count) {
    std::vector<std::unique_ptr<Stranger>> crowd;
    std::vector<Ssl> ends;
    std::size_t before = allocated();
    for (std::size_t i = 0; i < count; ++i) {
      crowd.push_back(std::make_unique<Stranger>(uri));
      ends.push_back(client_on(context.get(), crowd.back()->fd()));
      SSL_do_handshake(ends.back().get());
    }
    const std::size_t clients = allocated() - before;
    before = allocated();
    while (io.poll() != 0) continue;
    const std::size_t servers = allocated() - before;
    EXPECT_GT(clients, 0u);
    return count == 0 ? 0 : servers / count;
  };
  crowd_cost(2);  // what all share appears
  const std::size_t each = crowd_cost(kCrowd);
  RecordProperty("bytes", static_cast<int>(each));
  EXPECT_LT(each, 64u * 1024);
  EXPECT_GT(each, 1024u);
}
#endif

}  // namespace thicket::transport
