#include "transport/tls_bio.hpp"

#include <openssl/bio.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "transport/limits.hpp"
#include "transport/scratch.hpp"
#include "transport/tls_stream.hpp"

namespace thicket::transport {

namespace {

TlsStream& stream_of(BIO* bio) {
  return *static_cast<TlsStream*>(BIO_get_data(bio));
}

const BIO_METHOD* method() {
  static const BIO_METHOD* const kMethod = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "link socket");
    if (made != nullptr) {
      BIO_meth_set_read(made, TlsBio::read);
      BIO_meth_set_write(made, TlsBio::write);
      BIO_meth_set_ctrl(made, TlsBio::control);
    }
    return made;
  }();
  return kMethod;
}

}  // namespace

BIO* TlsBio::make(TlsStream& stream) {
  if (method() == nullptr) return nullptr;
  BIO* bio = BIO_new(method());
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, &stream);
  BIO_set_init(bio, 1);
  return bio;
}

int TlsBio::read(BIO* bio, char* out, int size) {
  TlsStream& stream = stream_of(bio);
  BIO_clear_retry_flags(bio);
  if (!stream.error_.empty()) return -1;
  // OpenSSL reads on for as long as no data comes. Others must get their turn.
  if (stream.allowance_ == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::size_t room = std::min(static_cast<std::size_t>(size), stream.allowance_);
  const ssize_t count = ::recv(stream.fd_, out, room, 0);
  if (count > 0) {
    stream.allowance_ -= static_cast<std::size_t>(count);
    return static_cast<int>(count);
  }
  if (count == 0) {
    stream.end_seen_ = true;
    return 0;
  }
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
    BIO_set_retry_read(bio);
  } else {
    stream.socket_error_ = errno;
  }
  return -1;
}

int TlsBio::write(BIO* bio, const char* bytes, int size) {
  TlsStream& stream = stream_of(bio);
  BIO_clear_retry_flags(bio);
  if (!stream.error_.empty()) return -1;
  const ByteView view(reinterpret_cast<const std::uint8_t*>(bytes), static_cast<std::size_t>(size));
  const ByteSpan scratch = cipher_scratch();
  if (stream.gathering_ && view.size() <= scratch.size() - stream.gathered_) {
    std::memcpy(&scratch[stream.gathered_], view.data(), view.size());
    stream.gathered_ += view.size();
    return size;
  }
  if (stream.gathering_) {
    BIO_set_retry_write(bio);
    return -1;
  }
  // What did not go out last time must go first. An answer to what was read waits behind it, for
  // OpenSSL would read nothing more until it is written.
  if (!stream.unsent_.empty()) {
    if (view.size() > kMaxUnsentTls - std::min(kMaxUnsentTls, stream.unsent_.size())) {
      stream.fail("the peer does not read");
      return -1;
    }
    stream.unsent_.insert(stream.unsent_.end(), view.begin(), view.end());
    return size;
  }
  return stream.send_ciphertext(view) ? size : -1;
}

long TlsBio::control(BIO* bio, int command, long, void*) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;
    case BIO_CTRL_EOF:
      return stream_of(bio).end_seen_ ? 1 : 0;
    default:
      return 0;
  }
}

}  // namespace thicket::transport
