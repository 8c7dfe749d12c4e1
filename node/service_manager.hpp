#pragma once

#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace thicket::node {

/// Tells the service manager that started the process (systemd, or whoever listens at
/// $NOTIFY_SOCKET: see sd_notify(3)) how it fares. Without one, does nothing.
class ServiceManager {
 public:
  /// What the environment says; taken out of it, so that no child speaks for us.
  static ServiceManager of_environment(asio::io_context& io);
  /// `socket`: a path, abstract if it begins with '@'; empty: there is no service manager.
  /// `watchdog`: it expects a sign of life at least this often.
  ServiceManager(asio::io_context& io, std::string socket,
                 std::optional<std::chrono::microseconds> watchdog);
  ServiceManager(const ServiceManager&) = delete;
  ServiceManager& operator=(const ServiceManager&) = delete;

  /// The node serves, also once more after reloading(). From the first time on signs of life are
  /// given by the event loop, so that one that hangs gives none.
  void ready();
  void reloading();
  /// No sign of life follows.
  void stopping();

 private:
  void tell(std::string_view message) const;
  void give_sign();

  std::string socket_;
  std::optional<std::chrono::microseconds> watchdog_;
  asio::steady_timer timer_;
  bool signs_ = false;
};

}  // namespace thicket::node
