#include "crypto/cryptography.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "crypto/vectors.hpp"

namespace thicket {
namespace {

using Bytes = std::vector<std::uint8_t>;

void flip_bit(ByteSpan bytes, std::size_t bit) {
  bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] ^ 1 << bit % 8);
}

BoxSharedKey any_shared_key(std::uint64_t seed) {
  SeededRandom random(seed);
  BoxSharedKey key;
  random.fill(key.bytes);
  return key;
}

TEST(Cryptography, AgreesWithTheNetworkOnPointsOfSmallOrder) {
  // The neutral element as key and as R, S = 0: RFC 8032's equation holds for every message, and
  // the network's other nodes pass such records on.
  PublicKey neutral;
  neutral.bytes[0] = 1;
  Signature signature;
  signature.bytes[0] = 1;
  const std::array<std::uint8_t, 3> message{1, 2, 3};
  EXPECT_TRUE(SodiumCryptography().verify(neutral, message, signature));
  signature.bytes[32] = 1;
  EXPECT_FALSE(SodiumCryptography().verify(neutral, message, signature));
}

RC_GTEST_PROP(Signatures, OnlyTheUnchangedVerifies, (std::uint64_t seed, Bytes message)) {
  SeededRandom random(seed);
  const SodiumCryptography cryptography;
  const KeyPair pair = KeyPair::generate(random);
  Signature signature = cryptography.sign(pair, message);
  RC_ASSERT(cryptography.verify(pair.public_key(), message, signature));
  RC_ASSERT(!cryptography.verify(KeyPair::generate(random).public_key(), message, signature));
  flip_bit(signature.bytes, *rc::gen::inRange<std::size_t>(0, 512));
  RC_ASSERT(!cryptography.verify(pair.public_key(), message, signature));
}

RC_GTEST_PROP(Boxes, OpenGivesBackWhatWasSealed, (Bytes message, std::uint64_t nonce)) {
  const SodiumCryptography cryptography;
  const BoxSharedKey key = any_shared_key(nonce);
  Bytes box(kBoxTagSize);
  box.insert(box.end(), message.begin(), message.end());
  cryptography.seal(key, nonce, box);

  Bytes changed = box;
  flip_bit(changed, *rc::gen::inRange<std::size_t>(0, 8 * box.size()));
  RC_ASSERT(!cryptography.open(key, nonce, changed));
  Bytes other_nonce = box;
  RC_ASSERT(!cryptography.open(key, nonce + 1, other_nonce));
  RC_ASSERT(!cryptography.open(key, nonce, ByteSpan(other_nonce).first(box.size() - 1)));

  RC_ASSERT(cryptography.open(key, nonce, box));
  RC_ASSERT(Bytes(box.begin() + kBoxTagSize, box.end()) == message);
}

TEST(Boxes, BothSidesShareOneKeyEvenWithLongTermKeys) {
  SeededRandom random(5);
  const SodiumCryptography cryptography;
  const KeyPair pair = KeyPair::generate(random);
  BoxSecretKey long_term_secret;
  cryptography.box_secret_key(pair, long_term_secret);
  BoxPublicKey other_public;
  BoxSecretKey other_secret;
  cryptography.generate_box_keys(random, other_public, other_secret);
  BoxSharedKey ours, theirs;
  ASSERT_TRUE(cryptography.share(other_public, long_term_secret, ours));
  ASSERT_TRUE(
      cryptography.share(*cryptography.box_public_key(pair.public_key()), other_secret, theirs));
  EXPECT_EQ(ours.bytes, theirs.bytes);
}

TEST(Boxes, LongTermKeysAgreeWithTheVectors) {
  const SodiumCryptography cryptography;
  const auto vectors = test::read_vectors("session.json");
  for (const auto& session : vectors["sessions"]) {
    const KeyPair probe = test::key_pair_of(session["probe_private"]);
    BoxSecretKey secret;
    cryptography.box_secret_key(probe, secret);
    EXPECT_EQ(to_hex(secret.bytes), session["probe_box_private"]);
    const auto converted = cryptography.box_public_key(test::key_of(session["daemon_public"]));
    ASSERT_TRUE(converted);
    EXPECT_EQ(to_hex(converted->bytes), session["daemon_box_public"]);
  }
}

TEST(Boxes, DegenerateKeysAreRefused) {
  SeededRandom random(5);
  const SodiumCryptography cryptography;
  BoxPublicKey own_public;
  BoxSecretKey own_secret;
  cryptography.generate_box_keys(random, own_public, own_secret);
  BoxSharedKey shared;
  EXPECT_FALSE(cryptography.share(BoxPublicKey{}, own_secret, shared));
  PublicKey not_a_point;
  not_a_point.bytes.fill(0xff);
  EXPECT_FALSE(cryptography.box_public_key(not_a_point));
}

TEST(Boxes, ABoxShorterThanItsTagDoesNotOpen) {
  const SodiumCryptography cryptography;
  for (std::size_t size = 0; size < kBoxTagSize; ++size) {
    Bytes box(size);
    EXPECT_FALSE(cryptography.open(any_shared_key(1), 1, box));
  }
}

}  // namespace
}  // namespace thicket
