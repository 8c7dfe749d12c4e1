#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "crypto/cryptography.hpp"
#include "crypto/key_pair.hpp"
#include "crypto/packet.hpp"
#include "crypto/public_key.hpp"
#include "crypto/random.hpp"
#include "crypto/time.hpp"

namespace thicket::crypto {

struct SessionOptions {
  std::string group_password;  ///< empty: none (wire.md §8)
};

/// Put `payload` in a Traffic frame for `to`.
struct TransmitPayload {
  PublicKey to;
  Packet payload;
};
/// `data`, authenticated as sent by `from`.
struct DeliverData {
  PublicKey from;
  Packet data;
};
using SessionAction = std::variant<TransmitPayload, DeliverData>;

struct SessionInfo {
  PublicKey key;
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_sent = 0;
  Duration uptime{};
};

/// End-to-end encrypted sessions with all remote keys (wire.md §8). Sans-I/O: what comes in are
/// packets and the time; what goes out is polled from next_action().
class SessionManager {
 public:
  /// `identity`, `cryptography` and `random` must outlive the manager.
  SessionManager(const KeyPair& identity, const Cryptography& cryptography, Random& random,
                 SessionOptions options);
  ~SessionManager();

  /// Encrypts `data` for `to`, in place if the packet's head room allows. Without a session the
  /// newest data is kept and a session is set up, retried on a timer while it waits.
  void send(Time now, const PublicKey& to, Packet data);
  /// Takes the payload of a Traffic frame that arrived for us.
  void receive(Time now, const PublicKey& from, Packet payload);
  /// Does whatever is due; call it at next_deadline() or later.
  void tick(Time now);
  std::optional<Instant> next_deadline() const;
  std::optional<SessionAction> next_action();

  /// When the session with `remote` started; nullopt: there is none.
  std::optional<Instant> started(const PublicKey& remote) const;
  /// Established sessions in order of key.
  std::vector<SessionInfo> sessions(Time now) const;
  /// Memory in bytes of sessions, set-ups (with the data that waits for them) and remembered
  /// sequence numbers, secrets included. Computed from counts and sizes: the same in every run.
  std::size_t state_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace thicket::crypto
