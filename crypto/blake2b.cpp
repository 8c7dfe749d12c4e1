#include "crypto/blake2b.hpp"

#include <sodium.h>

#include "crypto/invariant.hpp"

namespace thicket {

static_assert(kBlake2bMaxKey == crypto_generichash_blake2b_KEYBYTES_MAX);

Blake2b512 blake2b_512(ByteView message, ByteView key) {
  INVARIANT(key.size() <= kBlake2bMaxKey);
  Blake2b512 hash;
  // The low-level call also takes keys shorter than the 16 bytes that libsodium recommends.
  const int status = crypto_generichash_blake2b(hash.data(), hash.size(), message.data(),
                                                message.size(), key.data(), key.size());
  INVARIANT(status == 0);
  return hash;
}

Blake2b256 blake2b_256(ByteView message) {
  Blake2b256 hash;
  const int status = crypto_generichash_blake2b(hash.data(), hash.size(), message.data(),
                                                message.size(), nullptr, 0);
  INVARIANT(status == 0);
  return hash;
}

}  // namespace thicket
