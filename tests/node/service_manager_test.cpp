#include "node/service_manager.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "node/temporary_folder.hpp"

namespace thicket::node {
namespace {

using namespace std::chrono_literals;

/// Where a service manager would listen.
class Listener {
 public:
  explicit Listener(const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@') address.sun_path[0] = '\0';
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    EXPECT_EQ(::bind(descriptor_, reinterpret_cast<sockaddr*>(&address), length), 0);
  }
  ~Listener() { ::close(descriptor_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  /// All that has come since the last call.
  std::vector<std::string> heard() {
    std::vector<std::string> out;
    char buffer[256];
    for (;;) {
      const ssize_t size = ::recv(descriptor_, buffer, sizeof buffer, MSG_DONTWAIT);
      if (size < 0) return out;
      out.emplace_back(buffer, static_cast<std::size_t>(size));
    }
  }

 private:
  int descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

using Messages = std::vector<std::string>;

TEST(ServiceManager, HearsThatTheNodeIsReadyAndThatItStops) {
  const TemporaryFolder folder;
  const std::string abstract = "@thicket-test-" + std::to_string(::getpid());
  for (const std::string& name : {(folder.path() / "notify").string(), abstract}) {
    Listener listener(name);
    asio::io_context io;
    ServiceManager manager(io, name, std::nullopt);
    EXPECT_EQ(listener.heard(), Messages{});
    manager.ready();
    EXPECT_EQ(listener.heard(), Messages{"READY=1"});
    manager.reloading();
    const Messages reloading = listener.heard();
    ASSERT_EQ(reloading.size(), 1U);
    EXPECT_EQ(reloading[0].find("RELOADING=1\nMONOTONIC_USEC="), 0U) << reloading[0];
    manager.ready();
    manager.stopping();
    EXPECT_EQ(listener.heard(), (Messages{"READY=1", "STOPPING=1"}));
    EXPECT_EQ(io.run(), 0U) << "nothing is left to wait for";
  }
}

TEST(ServiceManager, GetsSignsOfLifeFromTheLoopUntilTheEnd) {
  const TemporaryFolder folder;
  const std::string name = (folder.path() / "notify").string();
  Listener listener(name);
  asio::io_context io;
  ServiceManager manager(io, name, 20ms);
  io.poll();
  EXPECT_EQ(listener.heard(), Messages{}) << "not before it is ready";
  manager.ready();
  EXPECT_EQ(listener.heard(), (Messages{"READY=1", "WATCHDOG=1"}));
  io.restart();
  io.run_one();
  io.run_one();
  EXPECT_EQ(listener.heard(), (Messages{"WATCHDOG=1", "WATCHDOG=1"}));
  manager.ready();
  EXPECT_EQ(listener.heard(), Messages{"READY=1"}) << "one series of signs only";
  manager.stopping();
  io.run();
  EXPECT_EQ(listener.heard(), Messages{"STOPPING=1"});
}

TEST(ServiceManager, TakesWhatTheEnvironmentSaysOutOfIt) {
  const TemporaryFolder folder;
  const std::string name = (folder.path() / "notify").string();
  Listener listener(name);
  const auto said = [&](const char* period, const std::string& process) {
    ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
    ::setenv("WATCHDOG_USEC", period, 1);
    ::setenv("WATCHDOG_PID", process.c_str(), 1);
    asio::io_context io;
    auto manager = ServiceManager::of_environment(io);
    for (const char* variable : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
      EXPECT_EQ(std::getenv(variable), nullptr) << variable;
    }
    manager.ready();
    return listener.heard();
  };
  const std::string self = std::to_string(::getpid());
  EXPECT_EQ(said("30000000", self), (Messages{"READY=1", "WATCHDOG=1"}));
  EXPECT_EQ(said("30000000", "1"), Messages{"READY=1"}) << "meant for another process";
  for (const char* wrong : {"0", "-1", "soon", "30s", "99999999999999999999"}) {
    EXPECT_EQ(said(wrong, self), Messages{"READY=1"}) << wrong;
  }
}

TEST(ServiceManager, MayBeAbsentOrGone) {
  asio::io_context io;
  for (const std::string& name : {std::string(), std::string("@"), std::string("relative"),
                                  std::string("/nonexistent/notify"), std::string(200, '/')}) {
    ServiceManager manager(io, name, std::nullopt);
    manager.ready();
    manager.reloading();
    manager.stopping();
  }
  EXPECT_EQ(io.run(), 0U);
}

}  // namespace
}  // namespace thicket::node
