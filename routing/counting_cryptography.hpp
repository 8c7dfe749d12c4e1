#pragma once

#include "crypto/cryptography.hpp"
#include "routing/router_counters.hpp"

namespace thicket::routing {

/// Another cryptography whose signatures are counted. Both arguments must outlive it.
class CountingCryptography final : public Cryptography {
 public:
  CountingCryptography(const Cryptography& inner, RouterCounters& counters)
      : inner_(inner), counters_(counters) {}

  Signature sign(const KeyPair& signer, ByteView message) const override {
    ++counters_.signatures_made;
    return inner_.sign(signer, message);
  }
  bool verify(const PublicKey& signer, ByteView message,
              const Signature& signature) const override {
    ++counters_.signatures_checked;
    return inner_.verify(signer, message, signature);
  }

 private:
  const Cryptography& inner_;
  RouterCounters& counters_;
};

}  // namespace thicket::routing
