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
  std::optional<GatewayAction> next_action();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace thicket::tun
