#include "sim/cached_cryptography.hpp"

#include <sodium.h>

#include <utility>

namespace thicket::sim {

Signature CachedCryptography::sign(const KeyPair& signer, ByteView message) const {
  return sodium_.sign(signer, message);
}

bool CachedCryptography::verify(const PublicKey& signer, ByteView message,
                                const Signature& signature) const {
  // A cryptographic hash: forged signatures must not be found under those of honest nodes.
  Digest digest;
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, sizeof digest);
  crypto_generichash_update(&state, signer.bytes.data(), signer.bytes.size());
  crypto_generichash_update(&state, signature.bytes.data(), signature.bytes.size());
  crypto_generichash_update(&state, message.data(), message.size());
  crypto_generichash_final(&state, reinterpret_cast<std::uint8_t*>(digest.data()), sizeof digest);

  if (const auto known = young_.find(digest); known != young_.end()) return known->second;
  const auto known = old_.find(digest);
  const bool holds =
      known != old_.end() ? known->second : sodium_.verify(signer, message, signature);
  if (young_.size() >= kGeneration) old_ = std::exchange(young_, {});
  young_.emplace(digest, holds);
  return holds;
}

}  // namespace thicket::sim
