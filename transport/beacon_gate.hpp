#pragma once

#include <functional>
#include <optional>
#include <string>

#include "crypto/bytes.hpp"
#include "crypto/public_key.hpp"
#include "crypto/time.hpp"
#include "crypto/token_bucket.hpp"
#include "transport/beacon.hpp"
#include "transport/links.hpp"

namespace thicket::transport {

/// Decides which of an interface's datagrams lead to a dial. Anybody on the network can send them,
/// unsigned and as fast as they like: the limits of limits.hpp hold whatever comes. Sans-I/O.
class BeaconGate {
 public:
  using LoadOf = std::function<LocalLoad(const PublicKey&)>;

  /// `password`: of the interface, at most 64 bytes.
  BeaconGate(const PublicKey& self, std::string password);

  /// Whether one more datagram may be read; call take() for each.
  bool may_read(Instant now) const { return datagrams_.available(now); }
  /// When may_read() is true again.
  Instant readable_at() const { return datagrams_.available_at(); }

  /// The beacon in `datagram` if its sender is to be dialled now.
  std::optional<Beacon> take(Instant now, ByteView datagram, const LoadOf& load_of);

 private:
  PublicKey self_;
  std::string password_;
  TokenBucket datagrams_;
  TokenBucket dials_;
};

}  // namespace thicket::transport
