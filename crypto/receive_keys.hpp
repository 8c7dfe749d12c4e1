#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "crypto/box.hpp"
#include "crypto/bytes.hpp"
#include "crypto/cryptography.hpp"
#include "crypto/secret.hpp"

namespace thicket::crypto {

/// What precedes the box in a traffic message (wire.md §8): the sender's key sequence, the
/// receiver's as the sender knows it, and the nonce. Not authenticated.
struct TrafficHeader {
  std::uint64_t local;
  std::uint64_t remote;
  std::uint64_t nonce;
  std::size_t size;  ///< of the header itself

  static std::optional<TrafficHeader> read(ByteView message);
};

/// The keys that open what a remote sends, between one change of keys and the next (wire.md §8):
/// pairs of one of its public keys and one of our secret ones.
///
///     current×recv    it has not yet seen the pair that we send with
///     next×send       it has, and has moved on itself
///     next×recv       it has moved on itself, without having seen it
///     following×send  it has moved on twice, which we did not follow: the rules let us change
///                     keys only once a minute. Not in wire.md, where this costs a new set-up.
///
/// Shared keys are computed when first needed: most never are. Each has a last nonce, and a message
/// must be above it; so none is opened twice.
class ReceiveKeys {
 public:
  enum class Which : std::size_t { current_recv, next_send, next_recv, following_send };
  enum class Outcome { opened, replayed, failed, unknown };
  struct Opening {
    Outcome outcome;
    Which which = Which::current_recv;
  };

  /// The remote's public keys, our secret ones and the sequence numbers of both.
  ReceiveKeys(const BoxPublicKey& current, const BoxPublicKey& next, std::uint64_t remote_sequence,
              const BoxSecretKey& recv, const BoxSecretKey& send, std::uint64_t local_sequence);

  /// Opens `box`, which holds room for a tag at least, in place if the header names a key.
  Opening open(const Cryptography& cryptography, const TrafficHeader& header, ByteSpan box);
  /// Takes note of the remote's key after its next one.
  void set_following(const BoxPublicKey& key) { following_ = key; }

  /// Goes on with what `before` knows: `before` held our send pair, which is the recv pair here, so
  /// some shared keys may be the same. Their nonces stay used up, and only one of the two opens
  /// them.
  void succeed(ReceiveKeys& before);
  /// Raises the last nonce of current×recv.
  void use_up(std::uint64_t nonce);

  const BoxPublicKey& current() const { return current_; }
  const BoxPublicKey& next() const { return next_; }
  const std::optional<BoxPublicKey>& following() const { return following_; }
  const BoxSecretKey& send_secret() const { return secrets_->send; }
  /// Memory of the secrets, which are not in the object itself.
  static constexpr std::size_t secret_bytes() { return sizeof(Secrets); }
  std::uint64_t remote_sequence() const { return remote_sequence_; }
  std::uint64_t local_sequence() const { return local_sequence_; }

 private:
  static constexpr std::size_t kKeys = 4;
  struct Secrets {
    BoxSecretKey recv, send;
    std::array<BoxSharedKey, kKeys> shared;
  };
  struct Window {
    bool derived = false;
    std::uint64_t last_nonce = 0;
  };

  std::optional<Which> named_by(const TrafficHeader& header) const;
  bool derive(const Cryptography& cryptography, Which which);
  Window& window(Which which) { return windows_[static_cast<std::size_t>(which)]; }
  BoxSharedKey& shared(Which which) { return secrets_->shared[static_cast<std::size_t>(which)]; }
  void inherit(ReceiveKeys& before, const BoxPublicKey& theirs, Which which);

  BoxPublicKey current_, next_;
  std::optional<BoxPublicKey> following_;
  std::uint64_t remote_sequence_;
  std::uint64_t local_sequence_;
  Secret<Secrets> secrets_;
  std::array<Window, kKeys> windows_{};
};

}  // namespace thicket::crypto
