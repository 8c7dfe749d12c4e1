#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace thicket::transport {

/// What local discovery does on the interfaces it is for: one entry of MulticastInterfaces
/// (admin.md §13).
struct DiscoveryRule {
  std::function<bool(const std::string& interface)> matches;
  bool beacon = true;         ///< be found: listen for links, and send beacons
  bool listen = true;         ///< find others: dial those whose beacons are heard
  std::uint16_t port = 0;     ///< of the listener; 0: any
  std::uint8_t priority = 0;  ///< of the links; lower is better
  std::string password;       ///< of beacons and links, at most 64 bytes
};

enum class DiscoveryEvent {
  started,
  ended,
  failed,  ///< it will be tried again
};

/// Told what happens on an interface, as one human sentence without a full stop.
using DiscoveryNews =
    std::function<void(const std::string& interface, DiscoveryEvent, std::string_view)>;

}  // namespace thicket::transport
