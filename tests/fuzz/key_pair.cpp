#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "crypto/key_pair.hpp"
#include "crypto/public_key.hpp"

// Keys as they come from configuration files and command lines. What is accepted must mean the same
// key in every form.
namespace {

using thicket::KeyPair;
using thicket::PublicKey;

void require(bool holds) {
  if (!holds) std::abort();
}

void check_forms(const KeyPair& pair) {
  const std::string hex = pair.to_hex();
  require(KeyPair::from_hex(hex)->to_hex() == hex);
  require(KeyPair::from_pem(pair.to_pem())->to_hex() == hex);
  require(KeyPair::from_seed(pair.seed()).public_key() == pair.public_key());
  require(hex.ends_with(pair.public_key().to_hex()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto pair = KeyPair::from_hex(text)) check_forms(*pair);
  if (const auto pair = KeyPair::from_pem(text)) check_forms(*pair);
  if (const auto key = PublicKey::from_hex(text)) {
    require(PublicKey::from_hex(key->to_hex()) == key);
  }
  // The same bytes as the inside of a well-formed block.
  const std::string block =
      "-----BEGIN PRIVATE KEY-----\n" + std::string(text) + "\n-----END PRIVATE KEY-----\n";
  if (const auto pair = KeyPair::from_pem(block)) check_forms(*pair);
  return 0;
}
