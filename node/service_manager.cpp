#include "node/service_manager.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <utility>

namespace thicket::node {
namespace {

std::string take_variable(const char* name) {
  const char* value = std::getenv(name);
  std::string text = value == nullptr ? "" : value;
  ::unsetenv(name);
  return text;
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// $WATCHDOG_USEC, unless $WATCHDOG_PID says that it is meant for another process.
std::optional<std::chrono::microseconds> take_watchdog() {
  constexpr std::uint64_t kMost = 1'000'000'000'000;  // eleven days
  const auto period = number_in(take_variable("WATCHDOG_USEC"));
  const std::string process = take_variable("WATCHDOG_PID");
  const bool ours = process.empty() || number_in(process) == static_cast<std::uint64_t>(::getpid());
  if (!ours || !period || *period == 0 || *period > kMost) return std::nullopt;
  return std::chrono::microseconds(*period);
}

std::uint64_t monotonic_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

}  // namespace

ServiceManager ServiceManager::of_environment(asio::io_context& io) {
  std::string socket = take_variable("NOTIFY_SOCKET");
  auto watchdog = take_watchdog();
  return {io, std::move(socket), watchdog};
}

ServiceManager::ServiceManager(asio::io_context& io, std::string socket,
                               std::optional<std::chrono::microseconds> watchdog)
    : socket_(std::move(socket)), watchdog_(watchdog), timer_(io) {
  const bool is_name = socket_.size() > 1 && (socket_.front() == '/' || socket_.front() == '@') &&
                       socket_.size() < sizeof(sockaddr_un::sun_path);
  if (!is_name) socket_.clear();
}

void ServiceManager::ready() {
  tell("READY=1");
  if (watchdog_ && !std::exchange(signs_, true)) give_sign();
}

void ServiceManager::reloading() {
  tell(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", monotonic_microseconds()));
}

void ServiceManager::stopping() {
  tell("STOPPING=1");
  timer_.cancel();
}

void ServiceManager::give_sign() {
  tell("WATCHDOG=1");
  timer_.expires_after(*watchdog_ / 2);
  timer_.async_wait([this](const asio::error_code& error) {
    if (!error) give_sign();
  });
}

void ServiceManager::tell(std::string_view message) const {
  if (socket_.empty()) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_.front() == '@') address.sun_path[0] = '\0';
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const bool sent =
      descriptor >= 0 && ::sendto(descriptor, message.data(), message.size(), MSG_NOSIGNAL,
                                  reinterpret_cast<const sockaddr*>(&address), length) >= 0;
  if (!sent) spdlog::debug("service manager at {}: {}", socket_, std::strerror(errno));
  if (descriptor >= 0) ::close(descriptor);
}

}  // namespace thicket::node
