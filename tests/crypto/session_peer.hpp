#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "crypto/cryptography.hpp"
#include "crypto/key_pair.hpp"
#include "crypto/packet.hpp"
#include "crypto/random.hpp"
#include "crypto/session_manager.hpp"

namespace thicket::test {

/// One end of sessions, whoever implements it.
class SessionPeer {
 public:
  virtual ~SessionPeer() = default;
  virtual void send(Time now, const PublicKey& to, Packet data) = 0;
  virtual void receive(Time now, const PublicKey& from, Packet payload) = 0;
  virtual void tick(Time now) = 0;
  virtual std::optional<Instant> next_deadline() const = 0;
  virtual std::optional<crypto::SessionAction> next_action() = 0;
};

/// Ours.
std::unique_ptr<SessionPeer> make_own_peer(const KeyPair& identity, Random& random);
/// A stock node: wire.md §8 to the letter, without any of our improvements.
std::unique_ptr<SessionPeer> make_stock_peer(const KeyPair& identity, Random& random);

}  // namespace thicket::test
