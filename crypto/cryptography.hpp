#pragma once

#include "crypto/bytes.hpp"
#include "crypto/key_pair.hpp"
#include "crypto/public_key.hpp"

namespace thicket {

/// The signatures that the mesh is built on. An interface, so that very large simulations can put
/// keyed hashes in their place; the daemon only ever links the real one.
class Cryptography {
 public:
  virtual ~Cryptography() = default;
  virtual Signature sign(const KeyPair& signer, ByteView message) const = 0;
  virtual bool verify(const PublicKey& signer, ByteView message,
                      const Signature& signature) const = 0;
};

/// libsodium's Ed25519.
class SodiumCryptography final : public Cryptography {
 public:
  Signature sign(const KeyPair& signer, ByteView message) const override;
  bool verify(const PublicKey& signer, ByteView message, const Signature& signature) const override;
};

}  // namespace thicket
