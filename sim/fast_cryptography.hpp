#pragma once

#include "crypto/cryptography.hpp"

namespace thicket::sim {

/// Keyed hashes in place of signatures and boxes, of the same sizes and with the same outcome as
/// long as nobody cheats: everyone could forge them. For large simulations only; it lives in sim/,
/// which the daemon does not link.
class FastCryptography final : public Cryptography {
 public:
  Signature sign(const KeyPair& signer, ByteView message) const override;
  bool verify(const PublicKey& signer, ByteView message, const Signature& signature) const override;

  void generate_box_keys(Random& random, BoxPublicKey& public_key,
                         BoxSecretKey& secret_key) const override;
  std::optional<BoxPublicKey> box_public_key(const PublicKey& key) const override;
  void box_secret_key(const KeyPair& pair, BoxSecretKey& out) const override;
  bool share(const BoxPublicKey& theirs, const BoxSecretKey& ours,
             BoxSharedKey& out) const override;
  void seal(const BoxSharedKey& key, std::uint64_t nonce, ByteSpan box) const override;
  bool open(const BoxSharedKey& key, std::uint64_t nonce, ByteSpan box) const override;
};

}  // namespace thicket::sim
