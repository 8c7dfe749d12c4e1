#include "transport/tls_bio.hpp"

#include <openssl/bio.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

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
  const ssize_t count = ::recv(stream.fd_, out, static_cast<std::size_t>(size), 0);
  if (count > 0) return static_cast<int>(count);
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
  const ByteView view(reinterpret_cast<const std::uint8_t*>(bytes), static_cast<std::size_t>(size));
  const ByteSpan scratch = cipher_scratch();
  if (stream.gathering_ && view.size() <= scratch.size() - stream.gathered_) {
    std::memcpy(&scratch[stream.gathered_], view.data(), view.size());
    stream.gathered_ += view.size();
    return size;
  }
  // What did not go out last time must go first; only then is there room for one more write.
  if (!stream.unsent_.empty() || stream.gathering_) {
    BIO_set_retry_write(bio);
    return -1;
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
