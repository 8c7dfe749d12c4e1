#pragma once

#include "transport/byte_stream.hpp"

namespace thicket::transport {

/// Plain bytes over a TCP or unix socket.
class SocketStream final : public ByteStream {
 public:
  /// Does not own `fd`, which must be non-blocking.
  explicit SocketStream(int fd) : fd_(fd) {}

  IoResult secure() override { return {IoResult::Status::ok, 0}; }
  IoResult read(std::span<const iovec> buffers) override;
  IoResult write(std::span<const iovec> buffers) override;
  bool wants_write() const override { return false; }
  void finish() override {}
  std::string error() const override;

 private:
  int fd_;
  int error_ = 0;
};

/// The human sentence for a connection that ended with this errno value.
std::string describe_connection_error(int error);

}  // namespace thicket::transport
