#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "crypto/address.hpp"
#include "crypto/packet.hpp"
#include "crypto/public_key.hpp"
#include "crypto/time.hpp"

namespace thicket::tun {

/// Send `data` (session data: kind byte 1, then the IPv6 packet) to `to`.
struct SendToMesh {
  PublicKey to;
  Packet data;
};
struct WriteToDevice {
  Packet packet;
};
/// Find the node that `partial_key` belongs to; answer with Gateway::resolved().
struct ResolveKey {
  PublicKey partial_key;
};
using GatewayAction = std::variant<SendToMesh, WriteToDevice, ResolveKey>;

/// What a Gateway has done, packets by outcome.
struct GatewayCounters {
  std::uint64_t to_mesh = 0;    ///< packets of the host sent
  std::uint64_t to_device = 0;  ///< packets of the mesh delivered

  // Packets of the host dropped
  std::uint64_t device_malformed = 0;       ///< not one whole IPv6 packet
  std::uint64_t device_foreign_source = 0;  ///< neither our address nor in our /64
  std::uint64_t device_no_route = 0;        ///< destination outside 200::/7, or ours
  std::uint64_t device_too_big = 0;         ///< over our MTU
  std::uint64_t device_overflow = 0;        ///< no room left to wait for the key
  std::uint64_t device_unresolved = 0;      ///< waited for the key in vain

  // Packets of the mesh dropped
  std::uint64_t mesh_malformed = 0;
  std::uint64_t mesh_foreign_source = 0;       ///< does not belong to the sender's key
  std::uint64_t mesh_foreign_destination = 0;  ///< does not belong to us
  std::uint64_t mesh_too_big = 0;              ///< over our MTU

  std::uint64_t lookups = 0;       ///< ResolveKey actions
  std::uint64_t icmp_to_host = 0;  ///< errors answered to the host
  std::uint64_t icmp_to_mesh = 0;
  std::uint64_t icmp_limited = 0;  ///< errors not sent because of their rate
};

/// Between the IPv6 host and the mesh (wire.md §9): source and destination checks, address to key
/// resolution, Packet Too Big. Sans-I/O.
class Gateway {
 public:
  Gateway(const PublicKey& self, std::uint32_t mtu);
  ~Gateway();

  /// An IPv6 packet from the host.
  void from_device(Time now, Packet packet);
  /// An IPv6 packet (kind byte removed) that arrived in the session with `from`.
  void from_mesh(Time now, const PublicKey& from, Packet packet);
  /// `key` exists: packets waiting for one of its addresses can go.
  void resolved(Time now, const PublicKey& key);
  void tick(Time now);
  std::optional<Instant> next_deadline() const;
  /// What to do next, in order. Poll until there is nothing after every other call.
  std::optional<GatewayAction> next_action();

  GatewayCounters counters() const;
  void check_invariants() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace thicket::tun
