#pragma once

#include <asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "crypto/result.hpp"
#include "transport/socket.hpp"

namespace thicket::transport {

using Addresses = Result<std::vector<SocketAddress>, std::string>;

/// Asks the system's resolver for a host name, on a thread of its own: a dead name server keeps
/// neither other lookups nor the end of the process waiting, as a shared resolver thread would.
/// At most one lookup at a time.
class NameLookup {
 public:
  NameLookup() = default;
  ~NameLookup() { cancel(); }
  NameLookup(const NameLookup&) = delete;
  NameLookup& operator=(const NameLookup&) = delete;

  /// Calls `done` on `io` unless cancelled before.
  void start(asio::io_context& io, std::string host, std::uint16_t port,
             std::function<void(Addresses)> done);
  /// From the io_context's thread. `done` will not be called, and nothing keeps `io` busy.
  void cancel();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

/// The same, blocking: for listeners, which are opened at start.
Addresses look_up(const std::string& host, std::uint16_t port);

}  // namespace thicket::transport
