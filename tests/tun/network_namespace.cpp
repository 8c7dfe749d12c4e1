#include "tun/network_namespace.hpp"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <utility>

namespace thicket::tun::test {
namespace {

int open_current() {
  return ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

void enter(int descriptor) {
  if (::setns(descriptor, CLONE_NEWNET) != 0) std::abort();
}

bool set_loopback_up() {
  const int socket = ::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return false;
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP;
  const bool done = ::ioctl(socket, SIOCSIFFLAGS, &request) == 0;
  ::close(socket);
  return done;
}

}  // namespace

std::optional<NetworkNamespace> NetworkNamespace::make() {
  const int home = open_current();
  if (home < 0) return std::nullopt;
  std::optional<NetworkNamespace> made;
  if (::unshare(CLONE_NEWNET) == 0) {
    if (set_loopback_up()) made = NetworkNamespace(open_current());
    enter(home);
  }
  ::close(home);
  return made;
}

NetworkNamespace::NetworkNamespace(NetworkNamespace&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

NetworkNamespace& NetworkNamespace::operator=(NetworkNamespace&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

NetworkNamespace::~NetworkNamespace() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

NetworkNamespace::Visit::Visit(const NetworkNamespace& to) : home_(open_current()) {
  enter(to.descriptor_);
}

NetworkNamespace::Visit::~Visit() {
  enter(home_);
  ::close(home_);
}

}  // namespace thicket::tun::test
