#include "transport/listener.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "transport/limits.hpp"
#include "transport/name_lookup.hpp"

namespace thicket::transport {

namespace {

Result<SocketAddress, std::string> listen_address(const PeerUri& uri) {
  if (uri.scheme == Scheme::unix_socket || uri.host_is_address()) return numeric_address(uri);
  const auto found = look_up(uri.host, uri.port);
  if (!found) return failure(found.error());
  if (found->empty()) return failure("the host " + uri.host + " has no address");
  return found->front();
}

bool is_transient(int error) {
  return error == EINTR || error == ECONNABORTED || error == EPROTO;
}

bool is_exhaustion(int error) {
  return error == EMFILE || error == ENFILE;
}

/// Whether somebody waits: accept4 runs out of descriptors before it looks.
bool has_pending(int fd) {
  pollfd listening{fd, POLLIN, 0};
  return ::poll(&listening, 1, 0) == 1;
}

}  // namespace

Listener::Listener(asio::io_context& io, Owner& owner, std::shared_ptr<const ConnectionTerms> terms)
    : owner_(owner), terms_(std::move(terms)), descriptor_(io), timer_(io) {}

Listener::~Listener() {
  close();
}

Result<std::uint16_t, std::string> Listener::open(const PeerUri& uri) {
  const auto address = listen_address(uri);
  if (!address) return failure(address.error());
  auto fd = open_listener(*address);
  if (!fd) return failure(fd.error());
  asio::error_code error;
  descriptor_.assign(fd->get(), error);
  if (error) return failure("cannot watch the listening socket: " + error.message());
  path_ = uri.path;
  file_ = file_at(path_);
  const std::uint16_t port = local_address(fd->release()).port();
  wait();
  return port;
}

void Listener::close() {
  if (!descriptor_.is_open()) return;
  asio::error_code ignored;
  descriptor_.close(ignored);
  timer_.cancel();
  // Somebody else may listen at the same path by now.
  if (file_ && file_at(path_) == file_) ::unlink(path_.c_str());
}

Listener::FileId Listener::file_at(const std::string& path) {
  struct stat status {};
  if (path.empty() || ::lstat(path.c_str(), &status) != 0) return std::nullopt;
  return std::pair<std::uint64_t, std::uint64_t>(status.st_dev, status.st_ino);
}

void Listener::wait() {
  descriptor_.async_wait(asio::posix::descriptor_base::wait_read,
                         [weak = weak_from_this()](const asio::error_code& error) {
                           const auto self = weak.lock();
                           if (self && !error && self->descriptor_.is_open()) self->accept_some();
                         });
}

void Listener::accept_some() {
  for (int i = 0; i < kAcceptsPerEvent && descriptor_.is_open(); ++i) {
    SocketAddress remote;
    remote.size = sizeof remote.storage;
    UniqueFd fd(::accept4(descriptor_.native_handle(), remote.get(), &remote.size,
                          SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd.get() >= 0) {
      owner_.accepted(*this, std::move(fd), remote);
      continue;
    }
    const int error = errno;
    if (error == EAGAIN || error == EWOULDBLOCK) break;
    if (is_exhaustion(error) && !has_pending(descriptor_.native_handle())) break;
    if (is_transient(error) || (is_exhaustion(error) && owner_.make_room())) continue;
    pause();
    return;
  }
  if (descriptor_.is_open()) wait();
}

/// The connection stays in the kernel's queue: asking again at once would spin.
void Listener::pause() {
  timer_.expires_after(kAcceptPause);
  timer_.async_wait([weak = weak_from_this()](const asio::error_code& cancelled) {
    const auto self = weak.lock();
    if (self && !cancelled && self->descriptor_.is_open()) self->wait();
  });
}

}  // namespace thicket::transport
