#pragma once

#include <optional>

#include "crypto/box.hpp"
#include "crypto/bytes.hpp"
#include "crypto/key_pair.hpp"
#include "crypto/public_key.hpp"
#include "crypto/random.hpp"

namespace thicket {

/// The primitives that the mesh is built on. An interface, so that very large simulations can put
/// keyed hashes in their place; the daemon only ever links the real ones. The boxes of sessions are
/// libsodium's unless overridden.
class Cryptography {
 public:
  Cryptography();
  virtual ~Cryptography() = default;
  virtual Signature sign(const KeyPair& signer, ByteView message) const = 0;
  virtual bool verify(const PublicKey& signer, ByteView message,
                      const Signature& signature) const = 0;

  /// Makes a new key pair for boxes.
  virtual void generate_box_keys(Random& random, BoxPublicKey& public_key,
                                 BoxSecretKey& secret_key) const;
  /// The keys for boxes that belong to a node's long-term key. None if `key` is not a valid point.
  virtual std::optional<BoxPublicKey> box_public_key(const PublicKey& key) const;
  virtual void box_secret_key(const KeyPair& pair, BoxSecretKey& out) const;

  /// Computes what `ours` and `theirs` have in common. False, with `out` unspecified, if `theirs`
  /// is one of the few points that would make it predictable.
  virtual bool share(const BoxPublicKey& theirs, const BoxSecretKey& ours, BoxSharedKey& out) const;
  /// Encrypts a box in place: room for the tag, then the message. The nonce is 24 bytes, of which
  /// the last 8 are `nonce`, big-endian (wire.md §8). `box` holds at least kBoxTagSize bytes.
  virtual void seal(const BoxSharedKey& key, std::uint64_t nonce, ByteSpan box) const;
  /// Authenticates and decrypts a box in place: the tag, then the message. On failure, also for a
  /// box shorter than its tag, its bytes are unspecified.
  virtual bool open(const BoxSharedKey& key, std::uint64_t nonce, ByteSpan box) const;
};

/// libsodium's Ed25519.
class SodiumCryptography final : public Cryptography {
 public:
  Signature sign(const KeyPair& signer, ByteView message) const override;
  bool verify(const PublicKey& signer, ByteView message, const Signature& signature) const override;
};

}  // namespace thicket
