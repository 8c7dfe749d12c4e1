#include "crypto/cryptography.hpp"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <sodium.h>

#include <memory>

#include "crypto/invariant.hpp"

namespace thicket {

static_assert(BoxPublicKey::kSize == crypto_box_PUBLICKEYBYTES);
static_assert(BoxSecretKey::kSize == crypto_box_SECRETKEYBYTES);
static_assert(BoxSharedKey::kSize == crypto_box_BEFORENMBYTES);
static_assert(kBoxTagSize == crypto_box_MACBYTES);
static_assert(Signature::kSize == crypto_sign_BYTES);
static_assert(PublicKey::kSize == crypto_sign_PUBLICKEYBYTES);

namespace {

using Nonce = std::array<std::uint8_t, crypto_box_NONCEBYTES>;

Nonce nonce_bytes(std::uint64_t nonce) {
  Nonce bytes{};
  for (std::size_t i = 0; i < 8; ++i) {
    bytes[bytes.size() - 1 - i] = static_cast<std::uint8_t>(nonce >> (8 * i));
  }
  return bytes;
}

}  // namespace

Cryptography::Cryptography() {
  INVARIANT(sodium_init() >= 0);
}

void Cryptography::generate_box_keys(Random& random, BoxPublicKey& public_key,
                                     BoxSecretKey& secret_key) const {
  random.fill(secret_key.bytes);
  crypto_scalarmult_base(public_key.bytes.data(), secret_key.bytes.data());
}

std::optional<BoxPublicKey> Cryptography::box_public_key(const PublicKey& key) const {
  BoxPublicKey converted;
  if (crypto_sign_ed25519_pk_to_curve25519(converted.bytes.data(), key.bytes.data()) != 0) {
    return std::nullopt;
  }
  return converted;
}

void Cryptography::box_secret_key(const KeyPair& pair, BoxSecretKey& out) const {
  const int status = crypto_sign_ed25519_sk_to_curve25519(out.bytes.data(), pair.secret().data());
  INVARIANT(status == 0);
}

bool Cryptography::share(const BoxPublicKey& theirs, const BoxSecretKey& ours,
                         BoxSharedKey& out) const {
  return crypto_box_beforenm(out.bytes.data(), theirs.bytes.data(), ours.bytes.data()) == 0;
}

void Cryptography::seal(const BoxSharedKey& key, std::uint64_t nonce, ByteSpan box) const {
  INVARIANT(box.size() >= kBoxTagSize);
  std::uint8_t* const tag = box.data();
  std::uint8_t* const message = tag + kBoxTagSize;
  crypto_box_detached_afternm(message, tag, message, box.size() - kBoxTagSize,
                              nonce_bytes(nonce).data(), key.bytes.data());
}

bool Cryptography::open(const BoxSharedKey& key, std::uint64_t nonce, ByteSpan box) const {
  if (box.size() < kBoxTagSize) return false;
  const std::uint8_t* const tag = box.data();
  std::uint8_t* const message = box.data() + kBoxTagSize;
  return crypto_box_open_detached_afternm(message, message, tag, box.size() - kBoxTagSize,
                                          nonce_bytes(nonce).data(), key.bytes.data()) == 0;
}

namespace {

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// All nodes must agree on which signatures hold, or those that are stricter cut themselves off
/// from peers that pass a doubtful record on in good faith. libsodium refuses keys and signatures
/// with points of small order, which RFC 8032 and the rest of the network accept; OpenSSL takes
/// them.
bool verify_as_rfc8032(const PublicKey& signer, ByteView message, const Signature& signature) {
  const std::unique_ptr<EVP_PKEY, FreeKey> key(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, signer.bytes.data(), signer.bytes.size()));
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  const bool holds =
      key && context &&
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), signature.bytes.data(), signature.bytes.size(),
                       message.data(), message.size()) == 1;
  ERR_clear_error();  // the queue is per thread, and TLS links read it
  return holds;
}

}  // namespace

Signature SodiumCryptography::sign(const KeyPair& signer, ByteView message) const {
  Signature signature;
  crypto_sign_detached(signature.bytes.data(), nullptr, message.data(), message.size(),
                       signer.secret().data());
  return signature;
}

bool SodiumCryptography::verify(const PublicKey& signer, ByteView message,
                                const Signature& signature) const {
  if (crypto_sign_verify_detached(signature.bytes.data(), message.data(), message.size(),
                                  signer.bytes.data()) == 0) {
    return true;
  }
  return verify_as_rfc8032(signer, message, signature);
}

}  // namespace thicket
