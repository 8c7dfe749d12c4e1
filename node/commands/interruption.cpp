#include "node/commands/interruption.hpp"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>

namespace thicket::node {
namespace {

sigset_t stopping_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&signals, number);
  return signals;
}

}  // namespace

Interruption::Interruption() {
  const sigset_t signals = stopping_signals();
  descriptor_ = ::signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
  if (descriptor_ >= 0) ::sigprocmask(SIG_BLOCK, &signals, nullptr);
}

Interruption::~Interruption() {
  if (descriptor_ < 0) return;
  signalfd_siginfo taken;
  while (::read(descriptor_, &taken, sizeof taken) > 0) {
  }
  ::close(descriptor_);
  const sigset_t signals = stopping_signals();
  ::sigprocmask(SIG_UNBLOCK, &signals, nullptr);
}

bool Interruption::happened() const {
  return wait(Duration(0));
}

bool Interruption::wait(Duration at_most) const {
  using std::chrono::steady_clock;
  const auto until = steady_clock::now() + std::max(at_most, Duration(0));
  pollfd poller{.fd = descriptor_, .events = POLLIN, .revents = 0};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
    const int ready = ::poll(&poller, 1, static_cast<int>(std::max<long>(left.count(), 0)));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

}  // namespace thicket::node
