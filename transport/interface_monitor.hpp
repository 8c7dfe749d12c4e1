#pragma once

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "crypto/result.hpp"
#include "transport/interface_table.hpp"

namespace thicket::transport {

/// Knows the system's network interfaces and follows them as they come, go and change (netlink). If
/// news were lost, it asks for all anew.
class InterfaceMonitor final : public std::enable_shared_from_this<InterfaceMonitor> {
 public:
  using Interfaces = std::map<InterfaceIndex, NetworkInterface>;
  /// All there are now; called on the io_context's thread after every change.
  using Handler = std::function<void(const Interfaces&)>;

  InterfaceMonitor(asio::io_context& io, Handler on_change);

  /// Errors: the system gives no such socket.
  Result<void, std::string> start();
  /// Nothing is called back afterwards.
  void stop();

 private:
  /// What the answers under way are to.
  enum class Asking { nothing, links, addresses };

  void wait();
  void read();
  void take(ByteView messages);
  void answered();
  void ask_all();
  void ask_later();
  bool ask(std::uint16_t type);

  Handler on_change_;
  asio::posix::stream_descriptor descriptor_;
  asio::steady_timer timer_;
  InterfaceTable table_;
  Asking asking_ = Asking::nothing;
  bool asking_later_ = false;
  bool lost_news_ = false;  // what the table says may be wrong
  bool changed_ = false;    // and nobody was told
};

}  // namespace thicket::transport
