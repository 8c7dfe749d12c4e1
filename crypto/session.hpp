#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "crypto/box.hpp"
#include "crypto/cryptography.hpp"
#include "crypto/packet.hpp"
#include "crypto/random.hpp"
#include "crypto/receive_keys.hpp"
#include "crypto/secret.hpp"
#include "crypto/session_init.hpp"
#include "crypto/time.hpp"

namespace thicket::crypto {

/// A key pair for boxes of a session.
struct SessionKeyPair {
  BoxPublicKey public_key;
  Secret<BoxSecretKey> secret_key;

  static SessionKeyPair generate(const Cryptography& cryptography, Random& random);
};

/// What became of a traffic message.
enum class Reception {
  opened,      ///< the packet now holds the data
  ignored,     ///< a replay, late, or without a readable header: drop it silently
  unreadable,  ///< no key of ours opens it: the remote needs to be told our keys
};

/// One end of an established session: keys, ratchet, encryption (wire.md §8).
///
/// Our key pairs move through three places, *next* → *send* → *recv*, and are then wiped. The
/// remote's keys that we know are its *current* and *next*. Data is sent with current×send, and
/// received with the keys of ReceiveKeys; also with those from before the last change, until the
/// remote has come to use the new ones and what was on its way had time to arrive. A pair that left
/// recv never comes back and nonces only rise, so no message is ever opened twice, whatever is
/// replayed and in which order.
class Session {
 public:
  /// Starts with copies of the keys that our own pending init announced. `cryptography` and
  /// `random` must outlive the session.
  Session(const Cryptography& cryptography, Random& random, Instant now, const SessionKeyPair& send,
          const SessionKeyPair& next);
  /// Starts with fresh keys.
  Session(const Cryptography& cryptography, Random& random, Instant now);

  /// Takes over the remote's keys and rotates ours. False, and nothing changed, if a key of the
  /// remote is degenerate. The first call must succeed before anything else is done.
  bool accept(Instant now, const SessionInit& init);
  /// Takes note that the remote announced, with this sequence number, keys that need no change
  /// here.
  void confirm(Instant now, std::uint64_t sequence);
  /// Whether the keys in `init` are those we hold.
  bool holds_keys_of(const SessionInit& init) const;
  /// Whether the keys in `init` are those we hold, rotated once.
  bool is_followed_by(const SessionInit& init) const;
  /// What we announce: our keys, all but the sequence number.
  SessionInit announcement(bool is_ack) const;

  /// Turns data into a traffic message, in place if the packet has kMaxOverhead bytes of head room.
  void seal(Instant now, Packet& packet);
  /// Turns a traffic message into the data it carries, in place.
  Reception open(Instant now, Packet& packet);
  static constexpr std::size_t kMaxOverhead = 1 + 3 * 10 + kBoxTagSize + BoxPublicKey::kSize;

  std::uint64_t remote_sequence() const { return remote_sequence_; }
  std::uint64_t remote_key_sequence() const { return keys_ ? keys_->remote_sequence() : 0; }
  std::uint64_t local_key_sequence() const { return local_key_sequence_; }
  /// Whether any traffic of the remote was opened.
  bool is_proven() const { return proven_; }
  /// Whether the remote has left what we sent unanswered for kSilence.
  bool is_silent(Instant now) const;
  Instant started_at() const { return started_at_; }
  /// When something was last sent, or received and found authentic.
  Instant last_used() const { return last_used_; }
  /// Memory of the secrets, which are not in the object itself.
  std::size_t secret_bytes() const;
  std::uint64_t bytes_sent() const { return bytes_sent_; }
  std::uint64_t bytes_received() const { return bytes_received_; }

 private:
  struct Secrets {
    BoxSecretKey send, next;
    BoxSharedKey current_send;
  };

  Reception open_late(Instant now, const TrafficHeader& header, ByteSpan box);
  void follow(Instant now, ReceiveKeys::Which which, const BoxPublicKey& inner,
              std::uint64_t nonce);
  bool ratchet_is_due(Instant now, ReceiveKeys::Which which) const;
  bool ratchet(Instant now, const BoxPublicKey& next);
  bool advance(Instant now, const BoxPublicKey& current, const BoxPublicKey& next,
               std::uint64_t key_sequence);
  void heard(Instant now);

  const Cryptography& cryptography_;
  Random& random_;
  Secret<Secrets> secrets_;
  BoxPublicKey send_public_, next_public_;
  std::optional<ReceiveKeys> keys_;           // there from the first accept() on
  std::optional<ReceiveKeys> previous_keys_;  // until the remote has used those for kLateTraffic
  std::uint64_t local_key_sequence_ = 0;
  std::uint64_t remote_sequence_ = 0;
  std::uint64_t send_nonce_ = 0;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t bytes_received_ = 0;
  Instant started_at_;
  Instant last_used_;
  Instant advanced_at_;                // when the keys last changed
  std::optional<Instant> settled_at_;  // when the remote first used them
  std::optional<Instant> ratcheted_at_;
  std::optional<Instant> unanswered_since_;
  bool sent_since_advance_ = false;
  bool proven_ = false;
};

}  // namespace thicket::crypto
