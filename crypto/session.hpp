#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "crypto/box.hpp"
#include "crypto/cryptography.hpp"
#include "crypto/packet.hpp"
#include "crypto/random.hpp"
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
/// received with any of the three keys that the remote may be using by now:
///
///     current×recv   it has not yet seen the pair that we send with
///     next×send      it has, and has moved on itself
///     next×recv      it has moved on itself, without having seen it
///
/// A key pair that left recv never comes back, and every received nonce of a key must be above the
/// last one. So no message is ever opened twice, whatever is replayed and in which order.
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
  /// Whether the keys in `init` are just one rotation further on: what the next key opens already.
  bool expects(const SessionInit& init) const;
  /// What we announce: our keys, all but the sequence number.
  SessionInit announcement(bool is_ack) const;

  /// Turns data into a traffic message, in place if the packet has kMaxOverhead bytes of head room.
  void seal(Instant now, Packet& packet);
  /// Turns a traffic message into the data it carries, in place.
  Reception open(Instant now, Packet& packet);
  static constexpr std::size_t kMaxOverhead = 1 + 3 * 10 + kBoxTagSize + BoxPublicKey::kSize;

  std::uint64_t remote_sequence() const { return remote_sequence_; }
  std::uint64_t remote_key_sequence() const { return remote_key_sequence_; }
  std::uint64_t local_key_sequence() const { return local_key_sequence_; }
  /// Whether any traffic of the remote was opened.
  bool is_proven() const { return proven_; }
  /// Whether the remote has left what we sent unanswered for kSilence.
  bool is_silent(Instant now) const;
  Instant started_at() const { return started_at_; }
  /// When something was last sent, or received and found authentic.
  Instant last_used() const { return last_used_; }
  std::uint64_t bytes_sent() const { return bytes_sent_; }
  std::uint64_t bytes_received() const { return bytes_received_; }

 private:
  enum ReceiveKey : std::size_t { current_recv, next_send, next_recv, kReceiveKeys };
  struct Header {
    std::uint64_t local;
    std::uint64_t remote;
    std::uint64_t nonce;
    std::size_t size;
  };
  // Shared keys for receiving are computed when first needed: most of them never are.
  struct Window {
    bool derived = false;
    std::uint64_t last_nonce = 0;
  };
  struct Secrets {
    BoxSecretKey recv, send, next;
    BoxSharedKey current_send;
    std::array<BoxSharedKey, kReceiveKeys> receive;
  };

  static std::optional<Header> read_header(ByteView message);
  std::optional<ReceiveKey> receive_key_for(const Header& header) const;
  bool is_late(Instant now, const Header& header) const;
  bool derive(ReceiveKey which);
  bool ratchet_is_due(Instant now) const;
  std::uint64_t used_nonce(const BoxPublicKey& theirs) const;
  bool advance(Instant now, const BoxPublicKey& current, const BoxPublicKey& next,
               std::uint64_t key_sequence);
  void ratchet(Instant now, const BoxPublicKey& next, std::uint64_t nonce);
  void heard(Instant now);

  const Cryptography& cryptography_;
  Random& random_;
  Secret<Secrets> secrets_;
  std::array<Window, kReceiveKeys> windows_;
  BoxPublicKey send_public_, next_public_;
  BoxPublicKey remote_current_, remote_next_;
  std::uint64_t local_key_sequence_ = 0;
  std::uint64_t remote_key_sequence_ = 0;
  std::uint64_t previous_remote_key_sequence_ = 0;
  std::uint64_t remote_sequence_ = 0;
  std::uint64_t send_nonce_ = 0;
  std::uint64_t bytes_sent_ = 0;
  std::uint64_t bytes_received_ = 0;
  Instant started_at_;
  Instant last_used_;
  Instant advanced_at_;
  std::optional<Instant> ratcheted_at_;
  std::optional<Instant> unanswered_since_;
  bool has_remote_keys_ = false;
  bool proven_ = false;
};

}  // namespace thicket::crypto
