#include "transport/socket_stream.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <numeric>

#include "transport/socket.hpp"

namespace thicket::transport {

using Status = IoResult::Status;

namespace {

std::size_t total_size(std::span<const iovec> buffers) {
  return std::accumulate(buffers.begin(), buffers.end(), std::size_t{0},
                         [](std::size_t sum, const iovec& part) { return sum + part.iov_len; });
}

bool would_block(int error) {
  return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

IoResult SocketStream::read(std::span<const iovec> buffers) {
  const ssize_t count = ::readv(fd_, buffers.data(), static_cast<int>(buffers.size()));
  if (count > 0) {
    // A short read means that the socket is empty: no need to ask again.
    const auto bytes = static_cast<std::size_t>(count);
    return {bytes < total_size(buffers) ? Status::blocked : Status::ok, bytes};
  }
  if (count == 0) return {Status::closed, 0};
  if (would_block(errno)) return {Status::blocked, 0};
  error_ = errno;
  return {Status::failed, 0};
}

IoResult SocketStream::write(std::span<const iovec> buffers) {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(buffers.data());
  message.msg_iovlen = buffers.size();
  const ssize_t count = ::sendmsg(fd_, &message, MSG_NOSIGNAL);
  if (count >= 0) {
    const auto bytes = static_cast<std::size_t>(count);
    return {bytes < total_size(buffers) ? Status::blocked : Status::ok, bytes};
  }
  if (would_block(errno)) return {Status::blocked, 0};
  error_ = errno;
  return {Status::failed, 0};
}

std::string SocketStream::error() const {
  return describe_connection_error(error_);
}

std::string describe_connection_error(int error) {
  switch (error) {
    case ECONNRESET:
      return "the peer reset the connection";
    case EPIPE:
      return "the peer closed the connection";
    case ETIMEDOUT:
      return "the connection timed out";
    case EHOSTUNREACH:
    case ENETUNREACH:
      return "the peer became unreachable";
    default:
      return describe_errno(error);
  }
}

}  // namespace thicket::transport
