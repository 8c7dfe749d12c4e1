#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/bytes.hpp"
#include "crypto/public_key.hpp"
#include "crypto/random.hpp"
#include "crypto/result.hpp"
#include "crypto/secret.hpp"

namespace thicket {

enum class KeyError { not_hex, wrong_length, public_half_differs, not_pem, not_ed25519 };
std::string_view describe(KeyError error);

/// A node's long-term identity. The secret half lives in locked memory and is wiped; move-only. A
/// pair that was moved from may only be destroyed or assigned to.
class KeyPair {
 public:
  static KeyPair generate(Random& random);
  static KeyPair from_seed(ByteView seed_of_32_bytes);
  /// 64 bytes in hex: seed, then public key (wire.md §1).
  static Result<KeyPair, KeyError> from_hex(std::string_view hex);
  /// A PKCS#8 "PRIVATE KEY" PEM block holding an Ed25519 key.
  static Result<KeyPair, KeyError> from_pem(std::string_view pem);

  const PublicKey& public_key() const { return public_key_; }
  /// What from_hex() and from_pem() read. The caller owns, and should wipe, this copy of the
  /// secret.
  std::string to_hex() const;
  std::string to_pem() const;
  /// The 32-byte Ed25519 seed. Valid while the pair lives.
  ByteView seed() const;
  /// Seed and public key, as libsodium's signing functions take them. Valid while the pair lives.
  ByteView secret() const;

 private:
  // Seed, then public key: the layout of libsodium's secret keys and of configuration files.
  using Bytes = std::array<std::uint8_t, 64>;
  explicit KeyPair(Secret<Bytes> secret);

  Secret<Bytes> secret_;
  PublicKey public_key_;
};

}  // namespace thicket
