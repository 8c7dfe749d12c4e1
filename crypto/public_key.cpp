#include "crypto/public_key.hpp"

#include "crypto/hex.hpp"

namespace thicket {

std::optional<PublicKey> PublicKey::from_hex(std::string_view hex) {
  PublicKey key;
  if (!thicket::from_hex(hex, key.bytes)) return std::nullopt;
  return key;
}

std::string PublicKey::to_hex() const {
  return thicket::to_hex(bytes);
}

}  // namespace thicket
