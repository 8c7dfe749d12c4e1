#include "crypto/key_pair.hpp"

#include <sodium.h>

#include <algorithm>
#include <utility>

#include "crypto/hex.hpp"
#include "crypto/invariant.hpp"

namespace thicket {

namespace {

constexpr std::size_t kSeedSize = 32;
static_assert(crypto_sign_SEEDBYTES == kSeedSize);

constexpr std::string_view kPemBegin = "-----BEGIN PRIVATE KEY-----";
constexpr std::string_view kPemEnd = "-----END PRIVATE KEY-----";

// RFC 8410: PrivateKeyInfo version 0, algorithm 1.3.101.112, an octet string in an octet string.
constexpr std::array<std::uint8_t, 16> kDerPrefix{0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                                  0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};
using Der = std::array<std::uint8_t, kDerPrefix.size() + kSeedSize>;

// Room for other kinds of key, to tell them from what is no PEM at all.
using DerBuffer = std::array<std::uint8_t, 8192>;

Result<std::size_t, KeyError> decode_pem(std::string_view pem, DerBuffer& der) {
  const std::size_t begin = pem.find(kPemBegin);
  if (begin == std::string_view::npos) return failure(KeyError::not_pem);
  std::string_view body = pem.substr(begin + kPemBegin.size());
  const std::size_t end = body.find(kPemEnd);
  if (end == std::string_view::npos) return failure(KeyError::not_pem);
  body = body.substr(0, end);
  std::size_t size = 0;
  const char* stopped = nullptr;
  const int status = sodium_base642bin(der.data(), der.size(), body.data(), body.size(), " \t\r\n",
                                       &size, &stopped, sodium_base64_VARIANT_ORIGINAL);
  if (status != 0 || stopped != body.data() + body.size()) return failure(KeyError::not_pem);
  return size;
}

}  // namespace

std::string_view describe(KeyError error) {
  switch (error) {
    case KeyError::not_hex:
      return "not hexadecimal";
    case KeyError::wrong_length:
      return "wrong length: a private key is 64 bytes, 128 hexadecimal digits";
    case KeyError::public_half_differs:
      return "the public half does not belong to the secret half";
    case KeyError::not_pem:
      return "not a PEM block of type PRIVATE KEY";
    case KeyError::not_ed25519:
      return "not an Ed25519 key";
  }
  return "unknown error";
}

KeyPair::KeyPair(Secret<Bytes> secret) : secret_(std::move(secret)) {
  std::copy_n(secret_->begin() + kSeedSize, PublicKey::kSize, public_key_.bytes.begin());
}

KeyPair KeyPair::generate(Random& random) {
  Wiped<std::array<std::uint8_t, kSeedSize>> seed;
  random.fill(*seed);
  return from_seed(*seed);
}

KeyPair KeyPair::from_seed(ByteView seed_of_32_bytes) {
  INVARIANT(seed_of_32_bytes.size() == kSeedSize);
  INVARIANT(sodium_init() >= 0);
  Secret<Bytes> secret;
  PublicKey public_key;
  crypto_sign_seed_keypair(public_key.bytes.data(), secret->data(), seed_of_32_bytes.data());
  return KeyPair(std::move(secret));
}

Result<KeyPair, KeyError> KeyPair::from_hex(std::string_view hex) {
  Wiped<Bytes> given;
  if (hex.size() != given->size() * 2) return failure(KeyError::wrong_length);
  if (!thicket::from_hex(hex, *given)) return failure(KeyError::not_hex);
  KeyPair pair = from_seed(ByteView(*given).first(kSeedSize));
  if (!std::equal(given->begin(), given->end(), pair.secret_->begin())) {
    return failure(KeyError::public_half_differs);
  }
  return pair;
}

Result<KeyPair, KeyError> KeyPair::from_pem(std::string_view pem) {
  Wiped<DerBuffer> der;
  const auto size = decode_pem(pem, *der);
  if (!size) return failure(size.error());
  if (*size != std::tuple_size_v<Der> ||
      !std::equal(kDerPrefix.begin(), kDerPrefix.end(), der->begin())) {
    return failure(KeyError::not_ed25519);
  }
  return from_seed(ByteView(*der).subspan(kDerPrefix.size(), kSeedSize));
}

std::string KeyPair::to_hex() const {
  return thicket::to_hex(*secret_);
}

std::string KeyPair::to_pem() const {
  Wiped<Der> der;
  std::copy(kDerPrefix.begin(), kDerPrefix.end(), der->begin());
  std::copy_n(secret_->begin(), kSeedSize, der->begin() + kDerPrefix.size());
  constexpr std::size_t kTextSize =
      sodium_base64_ENCODED_LEN(std::tuple_size_v<Der>, sodium_base64_VARIANT_ORIGINAL);
  Wiped<std::array<char, kTextSize>> text;
  sodium_bin2base64(text->data(), text->size(), der->data(), der->size(),
                    sodium_base64_VARIANT_ORIGINAL);
  std::string pem;
  pem.reserve(kPemBegin.size() + kPemEnd.size() + text->size() + 3);
  pem.append(kPemBegin).append("\n").append(text->data()).append("\n");
  return pem.append(kPemEnd).append("\n");
}

ByteView KeyPair::seed() const {
  return ByteView(*secret_).first(kSeedSize);
}

ByteView KeyPair::secret() const {
  return *secret_;
}

}  // namespace thicket
