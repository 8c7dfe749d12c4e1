#pragma once

#include <array>
#include <cstdint>
#include <map>

#include "crypto/cryptography.hpp"

namespace thicket::sim {

/// The real cryptography, which remembers what it has verified: many virtual nodes check the same
/// signatures, and the answer to the same question is the same. Bounded; the older half is
/// forgotten first.
class CachedCryptography final : public Cryptography {
 public:
  Signature sign(const KeyPair& signer, ByteView message) const override;
  bool verify(const PublicKey& signer, ByteView message, const Signature& signature) const override;

 private:
  using Digest = std::array<std::uint64_t, 2>;
  static constexpr std::size_t kGeneration = 1 << 20;

  SodiumCryptography sodium_;
  mutable std::map<Digest, bool> young_;  // a cache does not change what the object does
  mutable std::map<Digest, bool> old_;
};

}  // namespace thicket::sim
