#include "transport/interface_monitor.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

#include "transport/limits.hpp"
#include "transport/socket.hpp"

namespace thicket::transport {

namespace {

// One message is at most this long; a read gives whole messages only.
constexpr std::size_t kReadSize = 64 * 1024;
// Reads before other events get their turn.
constexpr int kReadsPerEvent = 16;

Result<UniqueFd, std::string> open_netlink() {
  UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (fd.get() < 0) return failure("no netlink socket: " + describe_errno(errno));
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &kInterfaceNewsBuffer, sizeof kInterfaceNewsBuffer);
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK | RTMGRP_IPV6_IFADDR;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return failure("no news of network interfaces: " + describe_errno(errno));
  }
  return fd;
}

}  // namespace

InterfaceMonitor::InterfaceMonitor(asio::io_context& io, Handler on_change)
    : on_change_(std::move(on_change)), descriptor_(io), timer_(io) {}

Result<void, std::string> InterfaceMonitor::start() {
  auto fd = open_netlink();
  if (!fd) return failure(fd.error());
  asio::error_code error;
  descriptor_.assign(fd->get(), error);
  if (error) return failure("cannot watch network interfaces: " + error.message());
  fd->release();
  ask_all();
  wait();
  return {};
}

void InterfaceMonitor::stop() {
  asio::error_code ignored;
  descriptor_.close(ignored);
  timer_.cancel();
}

void InterfaceMonitor::wait() {
  descriptor_.async_wait(asio::posix::descriptor_base::wait_read,
                         [weak = weak_from_this()](const asio::error_code& error) {
                           const auto self = weak.lock();
                           if (self && !error && self->descriptor_.is_open()) self->read();
                         });
}

void InterfaceMonitor::read() {
  for (int i = 0; i < kReadsPerEvent; ++i) {
    std::array<std::uint8_t, kReadSize> buffer;
    sockaddr_nl sender{};
    socklen_t size = sizeof sender;
    const ssize_t count = ::recvfrom(descriptor_.native_handle(), buffer.data(), buffer.size(), 0,
                                     reinterpret_cast<sockaddr*>(&sender), &size);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == ENOBUFS) {
      lost_news_ = true;
      continue;
    }
    if (count < 0) break;
    // Other processes may send here too.
    if (sender.nl_pid == 0) take(ByteView(buffer.data(), static_cast<std::size_t>(count)));
  }
  if (lost_news_ && asking_ == Asking::nothing) ask_later();
  // What is half told is nobody's business: an interface would seem to have no address.
  if (changed_ && asking_ == Asking::nothing && !lost_news_) {
    changed_ = false;
    on_change_(table_.all());
  }
  if (descriptor_.is_open()) wait();
}

void InterfaceMonitor::take(ByteView messages) {
  const InterfaceTable::News news = table_.take(messages);
  changed_ |= news.changed;
  if (asking_ == Asking::nothing) return;
  lost_news_ |= news.torn;
  if (news.refused) {
    asking_ = Asking::nothing;
    lost_news_ = true;
  } else if (news.done) {
    answered();
  }
}

void InterfaceMonitor::answered() {
  if (asking_ == Asking::links && ask(RTM_GETADDR)) {
    asking_ = Asking::addresses;
  } else {
    lost_news_ |= asking_ == Asking::links;
    asking_ = Asking::nothing;
  }
}

/// Forgets all there is and asks for it. Answers and news come in the order in which things were
/// so: the table is right when the last answer is there.
void InterfaceMonitor::ask_all() {
  table_ = {};
  lost_news_ = false;
  changed_ = true;
  if (ask(RTM_GETLINK)) {
    asking_ = Asking::links;
  } else {
    lost_news_ = true;
    ask_later();
  }
}

/// Not at once: while interfaces come and go in masses, every answer would be out of date.
void InterfaceMonitor::ask_later() {
  if (std::exchange(asking_later_, true)) return;  // more news must not put it off for ever
  timer_.expires_after(kInterfaceRetry);
  timer_.async_wait([weak = weak_from_this()](const asio::error_code& cancelled) {
    const auto self = weak.lock();
    if (!self || cancelled || !self->descriptor_.is_open()) return;
    self->asking_later_ = false;
    self->ask_all();
  });
}

/// false: the system does not take the question.
bool InterfaceMonitor::ask(std::uint16_t type) {
  struct Request {
    nlmsghdr header;
    ifinfomsg link;  // as long as what a question for addresses holds, or longer
  } request{};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = type;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.link.ifi_family = type == RTM_GETADDR ? AF_INET6 : AF_UNSPEC;
  return ::send(descriptor_.native_handle(), &request, sizeof request, 0) ==
         static_cast<ssize_t>(sizeof request);
}

}  // namespace thicket::transport
