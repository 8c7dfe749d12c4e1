#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <span>
#include <string>

namespace thicket::transport {

/// How an attempt to read, write or secure a stream went.
struct IoResult {
  enum class Status {
    ok,       ///< progress was made and more may be possible at once
    blocked,  ///< nothing more until the socket is ready; bytes may have been moved before
    closed,   ///< the peer ended the stream
    failed,   ///< see ByteStream::error()
  };
  Status status = Status::blocked;
  std::size_t bytes = 0;  ///< moved by this call
};

/// A reliable ordered stream of bytes over a non-blocking socket that somebody else owns and
/// watches. Nothing is buffered for a stream on which nothing happens.
class ByteStream {
 public:
  virtual ~ByteStream() = default;

  /// Makes the stream ready for data: a TLS handshake, or nothing. `ok` once it is done.
  virtual IoResult secure() = 0;
  /// Reads into the buffers in order. `closed` and `failed` come with no bytes.
  virtual IoResult read(std::span<const iovec> buffers) = 0;
  /// Writes from the buffers in order, behind what the stream itself holds back. After `blocked`,
  /// call again with what was not taken, and perhaps more behind it; without buffers if there is
  /// nothing more but wants_write().
  virtual IoResult write(std::span<const iovec> buffers) = 0;
  /// Whether the stream itself waits to write although the caller has nothing to write.
  virtual bool wants_write() const = 0;
  /// Tells the peer that the stream ends, if that is possible at once.
  virtual void finish() = 0;
  /// What failed, as a human sentence without a full stop.
  virtual std::string error() const = 0;
};

}  // namespace thicket::transport
