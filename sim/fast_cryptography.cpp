#include "sim/fast_cryptography.hpp"

#include <algorithm>
#include <vector>

#include "crypto/invariant.hpp"
#include "routing/murmur3.hpp"

namespace thicket::sim {

namespace {

using Tag = std::array<std::uint8_t, kBoxTagSize>;

Tag keyed_hash(ByteView key, std::uint64_t nonce, ByteView message) {
  std::vector<std::uint8_t> input(key.begin(), key.end());
  input.reserve(key.size() + 8 + message.size());
  for (int shift = 0; shift < 64; shift += 8) {
    input.push_back(static_cast<std::uint8_t>(nonce >> shift));
  }
  input.insert(input.end(), message.begin(), message.end());
  Tag tag;
  std::size_t at = 0;
  for (const std::uint64_t half : routing::murmur3_x64_128(input)) {
    for (int shift = 0; shift < 64; shift += 8) {
      tag[at++] = static_cast<std::uint8_t>(half >> shift);
    }
  }
  return tag;
}

Signature sign_as(const PublicKey& signer, ByteView message) {
  const Tag tag = keyed_hash(signer.bytes, 0, message);
  Signature signature;
  for (std::size_t i = 0; i < signature.bytes.size(); ++i) signature.bytes[i] = tag[i % tag.size()];
  return signature;
}

}  // namespace

Signature FastCryptography::sign(const KeyPair& signer, ByteView message) const {
  return sign_as(signer.public_key(), message);
}

bool FastCryptography::verify(const PublicKey& signer, ByteView message,
                              const Signature& signature) const {
  return sign_as(signer, message) == signature;
}

// A secret key is its public key, and what two have in common is their sum without carry.

void FastCryptography::generate_box_keys(Random& random, BoxPublicKey& public_key,
                                         BoxSecretKey& secret_key) const {
  random.fill(secret_key.bytes);
  public_key.bytes = secret_key.bytes;
}

std::optional<BoxPublicKey> FastCryptography::box_public_key(const PublicKey& key) const {
  return BoxPublicKey{key.bytes};
}

void FastCryptography::box_secret_key(const KeyPair& pair, BoxSecretKey& out) const {
  out.bytes = pair.public_key().bytes;
}

bool FastCryptography::share(const BoxPublicKey& theirs, const BoxSecretKey& ours,
                             BoxSharedKey& out) const {
  for (std::size_t i = 0; i < out.bytes.size(); ++i) {
    out.bytes[i] = static_cast<std::uint8_t>(theirs.bytes[i] ^ ours.bytes[i]);
  }
  return true;
}

void FastCryptography::seal(const BoxSharedKey& key, std::uint64_t nonce, ByteSpan box) const {
  INVARIANT(box.size() >= kBoxTagSize);
  const Tag tag = keyed_hash(key.bytes, nonce, box.subspan(kBoxTagSize));
  std::copy(tag.begin(), tag.end(), box.begin());
}

bool FastCryptography::open(const BoxSharedKey& key, std::uint64_t nonce, ByteSpan box) const {
  if (box.size() < kBoxTagSize) return false;
  const Tag tag = keyed_hash(key.bytes, nonce, box.subspan(kBoxTagSize));
  return std::equal(tag.begin(), tag.end(), box.begin());
}

}  // namespace thicket::sim
