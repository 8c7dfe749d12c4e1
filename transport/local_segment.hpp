#pragma once

#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/public_key.hpp"
#include "crypto/random.hpp"
#include "crypto/result.hpp"
#include "transport/beacon_gate.hpp"
#include "transport/beacon_schedule.hpp"
#include "transport/beacon_socket.hpp"
#include "transport/discovery_rule.hpp"
#include "transport/interface_index.hpp"
#include "transport/interface_table.hpp"
#include "transport/links.hpp"

namespace thicket::transport {

/// Local discovery on one network interface with one address: listens, sends beacons, dials those
/// that it hears. When its sockets cannot be opened it tries again.
class LocalSegment final : public std::enable_shared_from_this<LocalSegment> {
 public:
  struct Place {
    InterfaceIndex index = 0;
    std::string name;
    Ipv6Bytes address{};  ///< link-local
  };
  /// References must outlive the object.
  LocalSegment(asio::io_context& io, Links& links, Random& random, const PublicKey& self,
               DiscoveryRule rule, Place place, DiscoveryNews news);
  ~LocalSegment() { stop(); }
  LocalSegment(const LocalSegment&) = delete;
  LocalSegment& operator=(const LocalSegment&) = delete;

  void start();
  /// Ends listening and beacons; links stay. Nothing is called back afterwards.
  void stop();

  const Place& place() const { return place_; }
  /// "[fe80::1%eth0]:port"; empty: it does not listen.
  const std::string& listens_at() const { return listens_at_; }

 private:
  Result<void, std::string> open();
  void close();
  Result<void, std::string> open_listener();
  void try_to_open();
  void retry_later();
  void wait_for_beacons();
  void hear();
  void dial(const Beacon& beacon, const Ipv6Bytes& from);
  void wait_to_speak();
  PeerUri uri_of(const Ipv6Bytes& address, std::uint16_t port) const;

  Links& links_;
  Random& random_;
  const PublicKey self_;
  const DiscoveryRule rule_;
  const Place place_;
  const DiscoveryNews news_;
  bool stopped_ = false;
  bool complained_ = false;
  std::string listens_at_;
  std::vector<std::uint8_t> beacon_;
  std::optional<BeaconSocket> socket_;
  asio::posix::stream_descriptor descriptor_;  // to wait on; the socket keeps it
  asio::steady_timer speaking_;                // until the next beacon, or the next try to open
  asio::steady_timer hearing_;                 // until more may be read
  BeaconGate gate_;
  std::optional<BeaconSchedule> schedule_;
};

}  // namespace thicket::transport
