#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

#include "crypto/packet.hpp"
#include "crypto/time.hpp"
#include "tun/address_cache.hpp"

namespace thicket::tun {

/// The destinations whose key is being looked up, and the packets that wait for it.
///
/// A lookup is repeated after kFirstRetry, then after twice as long each time up to kMaxRetry,
/// until the key is found or no packet has come for kGiveUpAfter. A packet that has waited kMaxWait
/// is given back as undeliverable. Only the host can grow this. At each limit the oldest goes
/// first: within a destination the oldest packet, among destinations the one that has been without
/// a new packet for longest.
class PendingLookups {
 public:
  static constexpr Duration kFirstRetry = std::chrono::milliseconds(250);
  static constexpr Duration kMaxRetry = std::chrono::seconds(8);
  static constexpr Duration kGiveUpAfter = std::chrono::minutes(1);
  /// About what the neighbour discovery of a LAN takes to give up (RFC 4861: 3 s), and some hops.
  static constexpr Duration kMaxWait = std::chrono::seconds(5);
  static constexpr std::size_t kMaxDestinations = 256;
  static constexpr std::size_t kMaxPackets = 8;  ///< per destination
  /// Memory held by packets: per destination (three of the largest), and by all.
  static constexpr std::size_t kMaxCapacity = 256 * 1024;
  static constexpr std::size_t kMaxTotalCapacity = 2 * 1024 * 1024;

  /// Lets `packet` wait. True if no lookup for `destination` was under way: now one begins.
  bool add(Instant now, const Destination& destination, Packet packet);
  bool contains(const Destination& destination) const { return lookups_.contains(destination); }
  /// Ends the lookup and returns the packets that waited, oldest first.
  std::vector<Packet> take(const Destination& destination);

  struct Due {
    std::vector<Destination> lookups;   ///< to be repeated
    std::vector<Packet> undeliverable;  ///< waited for too long
  };
  Due tick(Instant now);
  /// When tick() may have something to do; never too late.
  std::optional<Instant> next_deadline() const { return deadline_; }

  /// Packets dropped for want of room.
  std::uint64_t dropped() const { return dropped_; }
  std::size_t destinations() const { return lookups_.size(); }
  std::size_t capacity() const { return capacity_; }
  void check_invariants() const;

 private:
  struct Waiting {
    Instant since;
    Packet packet;
  };
  struct Lookup {
    std::deque<Waiting> packets;
    std::size_t capacity = 0;
    Instant last_packet;
    Instant next_try;
    Duration retry = kFirstRetry;
  };
  using Lookups = std::map<Destination, Lookup>;

  Packet pop(Lookup& lookup);
  void evict_stalest();
  void schedule(const Lookup& lookup);

  Lookups lookups_;
  std::size_t capacity_ = 0;
  std::uint64_t dropped_ = 0;
  std::optional<Instant> deadline_;
};

}  // namespace thicket::tun
