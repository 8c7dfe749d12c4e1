#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "crypto/bytes.hpp"
#include "transport/byte_stream.hpp"
#include "transport/tls_context.hpp"

struct ssl_st;

namespace thicket::transport {

/// TLS over a TCP socket. On the accepting side nothing is allocated before the first bytes of a
/// ClientHello of sensible size are there; records are gathered into few large writes.
class TlsStream final : public ByteStream {
 public:
  enum class Role { dial, accept };
  /// Does not own `fd`, which must be non-blocking. `context` must outlive the stream.
  /// `server_name` goes out as SNI when dialling, unless it is empty.
  TlsStream(int fd, Role role, const TlsContext& context, std::string server_name = {});
  ~TlsStream() override;

  IoResult secure() override;
  IoResult read(std::span<const iovec> buffers) override;
  IoResult write(std::span<const iovec> buffers) override;
  bool wants_write() const override { return !unsent_.empty(); }
  void finish() override;
  std::string error() const override { return error_; }

 private:
  friend struct TlsBio;
  struct Free {
    void operator()(ssl_st* ssl) const;
  };

  /// Looks at the start of what a stranger sends, without taking it.
  IoResult inspect_hello();
  IoResult open();
  IoResult outcome_of(int result);
  IoResult fail(std::string why);
  IoResult flush_unsent();
  bool send_ciphertext(ByteView bytes);
  /// Looks at every TLS message that comes or goes.
  static void watch(int sent, int version, int content, const void* message, std::size_t size,
                    ssl_st* ssl, void* stream);
  void watch_handshake(bool sent, ByteView message);

  int fd_;
  Role role_;
  bool secured_ = false;
  bool end_seen_ = false;   // the socket reached its end
  bool gathering_ = false;  // ciphertext collects in cipher_scratch()
  std::size_t gathered_ = 0;
  std::size_t allowance_ = 0;      // ciphertext that this call may still read
  std::size_t idle_messages_ = 0;  // handshake messages since data_since_ began to count
  std::size_t data_since_ = 0;     // bytes of data
  int socket_error_ = 0;
  int short_looks_ = 0;
  const TlsContext& context_;
  std::string server_name_;
  std::string error_;
  std::vector<std::uint8_t> unsent_;  // ciphertext that the socket did not take
  std::unique_ptr<ssl_st, Free> ssl_;
};

}  // namespace thicket::transport
