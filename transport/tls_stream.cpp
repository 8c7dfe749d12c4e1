#include "transport/tls_stream.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/sslerr.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "transport/limits.hpp"
#include "transport/scratch.hpp"
#include "transport/socket_stream.hpp"
#include "transport/tls_bio.hpp"

namespace thicket::transport {

using Status = IoResult::Status;

namespace {

constexpr std::size_t kRecord = 16 * 1024;      // the largest that TLS knows
constexpr std::size_t kRecordOverhead = 256;    // of any cipher, generously
constexpr std::size_t kHandshakeRecord = 2048;  // small records until the link is up: less memory
constexpr std::size_t kReadAhead = 64 * 1024;

constexpr std::size_t kHelloPrefix = 9;  // record header, message type and length
constexpr int kMaxShortLooks = 8;
constexpr std::uint8_t kHandshakeContent = 22;
constexpr std::uint8_t kClientHello = 1;
constexpr std::uint8_t kServerHello = 2;

/// The "random" by which a ServerHello says that it is a HelloRetryRequest (RFC 8446 §4.1.3).
constexpr std::array<std::uint8_t, 32> kHelloRetry{
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91,
    0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c};
constexpr std::size_t kRandomOffset = 6;  // behind message type, length and version

/// Walks through the bytes of several buffers in chunks of at most one TLS record.
class ChunkReader {
 public:
  explicit ChunkReader(std::span<const iovec> buffers) : buffers_(buffers) {}

  /// The next bytes; contiguous ones as they lie, small ones gathered. Empty at the end.
  ByteView next() {
    while (!buffers_.empty() && rest().empty()) drop_buffer();
    if (buffers_.empty()) return {};
    if (rest().size() >= kRecord || buffers_.size() == 1) {
      return rest().first(std::min(rest().size(), kRecord));
    }
    return gather();
  }

  void advance(std::size_t count) {
    while (count > 0) {
      const std::size_t step = std::min(count, rest().size());
      offset_ += step;
      count -= step;
      if (rest().empty()) drop_buffer();
    }
  }

 private:
  ByteView rest() const {
    const iovec& first = buffers_.front();
    return ByteView(static_cast<const std::uint8_t*>(first.iov_base), first.iov_len)
        .subspan(offset_);
  }
  void drop_buffer() {
    buffers_ = buffers_.subspan(1);
    offset_ = 0;
  }
  ByteView gather() const {
    const ByteSpan scratch = gather_scratch();
    std::size_t size = 0;
    std::size_t skip = offset_;
    for (const iovec& buffer : buffers_) {
      if (size == kRecord) break;
      const std::size_t count = std::min(buffer.iov_len - skip, kRecord - size);
      if (count != 0) {
        std::memcpy(&scratch[size], static_cast<const std::uint8_t*>(buffer.iov_base) + skip,
                    count);
      }
      size += count;
      skip = 0;
    }
    return scratch.first(size);
  }

  std::span<const iovec> buffers_;
  std::size_t offset_ = 0;
};

}  // namespace

void TlsStream::Free::operator()(ssl_st* ssl) const {
  SSL_free(ssl);
}

TlsStream::TlsStream(int fd, Role role, const TlsContext& context, std::string server_name)
    : fd_(fd), role_(role), context_(context), server_name_(std::move(server_name)) {
  if (role_ == Role::accept) {
    const int low_water = kHelloPrefix;
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVLOWAT, &low_water, sizeof low_water);
  }
}

TlsStream::~TlsStream() = default;

IoResult TlsStream::fail(std::string why) {
  if (error_.empty()) error_ = std::move(why);
  return {Status::failed, 0};
}

IoResult TlsStream::inspect_hello() {
  std::array<std::uint8_t, kHelloPrefix> start{};
  const ssize_t count = ::recv(fd_, start.data(), start.size(), MSG_PEEK);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return {Status::blocked, 0};
  if (count < 0) return fail(describe_connection_error(errno));
  if (count == 0) return {Status::closed, 0};
  if (start[0] == 'm') {
    return fail("the other side does not speak TLS: this link needs tls:// on both sides");
  }
  if (start[0] != kHandshakeContent) return fail("the other side does not speak TLS");
  if (count < static_cast<ssize_t>(kHelloPrefix)) {
    // The low water mark wakes us for the whole prefix, or because no more will come.
    return {++short_looks_ < kMaxShortLooks ? Status::blocked : Status::closed, 0};
  }
  const std::size_t size =
      static_cast<std::size_t>(start[6]) << 16 | static_cast<std::size_t>(start[7]) << 8 | start[8];
  if (start[5] != kClientHello) return fail("TLS failed: it does not start with a ClientHello");
  if (size > kMaxClientHello) return fail("TLS failed: the ClientHello is too long");
  const int low_water = 1;
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVLOWAT, &low_water, sizeof low_water);
  return {Status::ok, 0};
}

IoResult TlsStream::open() {
  ERR_clear_error();
  ssl_.reset(SSL_new(context_.get()));
  BIO* bio = ssl_ ? TlsBio::make(*this) : nullptr;
  if (bio == nullptr) return fail("cannot set up TLS: " + take_tls_error());
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_msg_callback(ssl_.get(), &TlsStream::watch);
  SSL_set_msg_callback_arg(ssl_.get(), this);
  SSL_set_max_send_fragment(ssl_.get(), kHandshakeRecord);
  if (role_ == Role::accept) {
    SSL_set_accept_state(ssl_.get());
    SSL_set_min_proto_version(ssl_.get(), TLS1_3_VERSION);
  } else {
    SSL_set_connect_state(ssl_.get());
    if (!server_name_.empty()) SSL_set_tlsext_host_name(ssl_.get(), server_name_.c_str());
  }
  return {Status::ok, 0};
}

void TlsStream::watch(int sent, int, int content, const void* message, std::size_t size, ssl_st*,
                      void* stream) {
  if (content != kHandshakeContent) return;
  static_cast<TlsStream*>(stream)->watch_handshake(
      sent != 0, ByteView(static_cast<const std::uint8_t*>(message), size));
}

/// What fails here takes effect when OpenSSL turns to the socket next.
void TlsStream::watch_handshake(bool sent, ByteView message) {
  if (secured_) {
    if (!sent && ++idle_messages_ > kMaxIdleTlsMessages) {
      fail("TLS failed: the peer sends handshake messages and no data");
    }
    return;
  }
  // inspect_hello() bounds the first ClientHello only: there must not be a second one.
  if (sent && message.size() >= kRandomOffset + kHelloRetry.size() && message[0] == kServerHello &&
      std::ranges::equal(message.subspan(kRandomOffset, kHelloRetry.size()), kHelloRetry)) {
    fail("TLS failed: the ClientHello has no key share for us");
  }
}

IoResult TlsStream::outcome_of(int result) {
  if (!error_.empty()) return {Status::failed, 0};
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return {Status::blocked, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {Status::closed, 0};
    case SSL_ERROR_SYSCALL:
      if (socket_error_ == 0) return {Status::closed, 0};
      return fail(describe_connection_error(socket_error_));
    default:
      break;
  }
  if (socket_error_ != 0) return fail(describe_connection_error(socket_error_));
  if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_WRONG_VERSION_NUMBER) {
    ERR_clear_error();
    return fail("the other side does not speak TLS: this link needs tls:// on both sides");
  }
  return fail("TLS failed: " + take_tls_error());
}

IoResult TlsStream::secure() {
  if (!error_.empty()) return {Status::failed, 0};
  if (secured_) return {Status::ok, 0};
  if (!ssl_) {
    if (role_ == Role::accept) {
      const IoResult hello = inspect_hello();
      if (hello.status != Status::ok) return hello;
    }
    const IoResult opened = open();
    if (opened.status != Status::ok) return opened;
  }
  const IoResult flushed = flush_unsent();
  if (flushed.status != Status::ok) return flushed;
  ERR_clear_error();
  allowance_ = kTlsReadAllowance;
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) return outcome_of(result);
  secured_ = true;
  SSL_set_max_send_fragment(ssl_.get(), kRecord);
  SSL_set_split_send_fragment(ssl_.get(), kRecord);
  SSL_set_default_read_buffer_len(ssl_.get(), kReadAhead);
  return {Status::ok, 0};
}

IoResult TlsStream::read(std::span<const iovec> buffers) {
  if (!error_.empty()) return {Status::failed, 0};
  std::size_t total = 0;
  allowance_ = kTlsReadAllowance;
  for (const iovec& buffer : buffers) allowance_ += buffer.iov_len;
  for (const iovec& buffer : buffers) {
    std::size_t filled = 0;
    while (filled < buffer.iov_len) {
      ERR_clear_error();
      std::size_t count = 0;
      const int result =
          SSL_read_ex(ssl_.get(), static_cast<std::uint8_t*>(buffer.iov_base) + filled,
                      buffer.iov_len - filled, &count);
      if (result != 1) {
        const IoResult outcome = outcome_of(result);
        // An end that comes after data is reported by the next read.
        const bool ended = outcome.status != Status::blocked;
        return {ended && total != 0 ? Status::ok : outcome.status, total};
      }
      filled += count;
      total += count;
      data_since_ += count;
      if (data_since_ >= kTlsReadAllowance) data_since_ = idle_messages_ = 0;
    }
  }
  return {Status::ok, total};
}

bool TlsStream::send_ciphertext(ByteView bytes) {
  const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
    socket_error_ = errno;
    return false;
  }
  const std::size_t sent = count < 0 ? 0 : static_cast<std::size_t>(count);
  unsent_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(sent), bytes.end());
  return true;
}

IoResult TlsStream::flush_unsent() {
  if (unsent_.empty()) return {Status::ok, 0};
  const ssize_t count = ::send(fd_, unsent_.data(), unsent_.size(), MSG_NOSIGNAL);
  if (count < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {Status::blocked, 0};
    return fail(describe_connection_error(errno));
  }
  unsent_.erase(unsent_.begin(), unsent_.begin() + count);
  if (!unsent_.empty()) return {Status::blocked, 0};
  unsent_ = {};  // gives the memory back
  return {Status::ok, 0};
}

IoResult TlsStream::write(std::span<const iovec> buffers) {
  if (!error_.empty()) return {Status::failed, 0};
  const IoResult flushed = flush_unsent();
  if (flushed.status != Status::ok) return flushed;
  ChunkReader chunks(buffers);
  std::size_t total = 0;
  gathering_ = true;
  gathered_ = 0;
  IoResult stop{Status::ok, 0};
  while (cipher_scratch().size() - gathered_ >= kRecord + kRecordOverhead) {
    const ByteView chunk = chunks.next();
    if (chunk.empty()) break;
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_write_ex(ssl_.get(), chunk.data(), chunk.size(), &count);
    if (result != 1) {
      stop = outcome_of(result);
      break;
    }
    chunks.advance(count);
    total += count;
  }
  gathering_ = false;
  if (gathered_ != 0 && !send_ciphertext(cipher_scratch().first(gathered_))) {
    return fail(describe_connection_error(socket_error_));
  }
  if (stop.status == Status::failed || stop.status == Status::closed) return {stop.status, 0};
  return {unsent_.empty() && stop.status == Status::ok ? Status::ok : Status::blocked, total};
}

void TlsStream::finish() {
  if (!secured_ || !error_.empty()) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

}  // namespace thicket::transport
