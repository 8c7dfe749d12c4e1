#include "transport/beacon_gate.hpp"

#include <utility>

#include "transport/limits.hpp"

namespace thicket::transport {

BeaconGate::BeaconGate(const PublicKey& self, std::string password)
    : self_(self),
      password_(std::move(password)),
      datagrams_(kBeaconRate),
      dials_(kLocalDialRate) {}

std::optional<Beacon> BeaconGate::take(Instant now, ByteView datagram, const LoadOf& load_of) {
  if (!datagrams_.take(now)) return std::nullopt;
  const auto beacon = decode_beacon(datagram, password_);
  if (!beacon || beacon->key == self_ || beacon->port == 0) return std::nullopt;
  const LocalLoad load = load_of(beacon->key);
  if (load.linked || load.dialling >= kMaxLocalDialling || load.dialled >= kMaxLocalPeers) {
    return std::nullopt;
  }
  if (!dials_.take(now)) return std::nullopt;
  return *beacon;
}

}  // namespace thicket::transport
