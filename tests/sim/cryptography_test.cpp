#include <gtest/gtest.h>

#include "sim/cached_cryptography.hpp"
#include "sim/fast_cryptography.hpp"

namespace thicket::sim {
namespace {

const std::vector<std::uint8_t> kMessage{1, 2, 3, 4};
const std::vector<std::uint8_t> kOther{1, 2, 3, 5};

KeyPair pair_of(std::uint64_t seed) {
  SeededRandom random(seed);
  return KeyPair::generate(random);
}

template <class T>
class Cryptographies : public testing::Test {
 protected:
  T cryptography;
};
using Kinds = testing::Types<FastCryptography, CachedCryptography>;
TYPED_TEST_SUITE(Cryptographies, Kinds);

TYPED_TEST(Cryptographies, SignaturesHoldForTheirSignerAndMessageOnly) {
  const KeyPair alice = pair_of(1);
  const KeyPair bob = pair_of(2);
  const Signature signature = this->cryptography.sign(alice, kMessage);
  Signature bent = signature;
  bent.bytes[40] ^= 1;
  for (int asked_again = 0; asked_again < 2; ++asked_again) {
    EXPECT_TRUE(this->cryptography.verify(alice.public_key(), kMessage, signature));
    EXPECT_FALSE(this->cryptography.verify(alice.public_key(), kOther, signature));
    EXPECT_FALSE(this->cryptography.verify(bob.public_key(), kMessage, signature));
    EXPECT_FALSE(this->cryptography.verify(alice.public_key(), kMessage, bent));
  }
}

TYPED_TEST(Cryptographies, BoxesOpenForTheirRecipientOnly) {
  SeededRandom random(3);
  const KeyPair recipient = pair_of(1);
  const KeyPair stranger = pair_of(2);
  BoxPublicKey sender_public;
  BoxSecretKey sender_secret;
  this->cryptography.generate_box_keys(random, sender_public, sender_secret);
  BoxSharedKey sealing;
  ASSERT_TRUE(this->cryptography.share(*this->cryptography.box_public_key(recipient.public_key()),
                                       sender_secret, sealing));
  std::vector<std::uint8_t> box(kBoxTagSize);
  box.insert(box.end(), kMessage.begin(), kMessage.end());
  this->cryptography.seal(sealing, 7, box);

  const auto opens = [&](const KeyPair& pair, std::uint64_t nonce,
                         std::vector<std::uint8_t> bytes) {
    BoxSecretKey secret;
    this->cryptography.box_secret_key(pair, secret);
    BoxSharedKey opening;
    EXPECT_TRUE(this->cryptography.share(sender_public, secret, opening));
    const bool opened = this->cryptography.open(opening, nonce, bytes);
    return opened && std::vector(bytes.begin() + kBoxTagSize, bytes.end()) == kMessage;
  };
  EXPECT_TRUE(opens(recipient, 7, box));
  EXPECT_FALSE(opens(recipient, 8, box));
  EXPECT_FALSE(opens(stranger, 7, box));
  box.back() ^= 1;
  EXPECT_FALSE(opens(recipient, 7, box));
  EXPECT_FALSE(opens(recipient, 7, {1, 2, 3}));
}

TEST(CachedCryptography, SignsAsLibsodiumDoes) {
  const KeyPair pair = pair_of(1);
  EXPECT_EQ(CachedCryptography().sign(pair, kMessage), SodiumCryptography().sign(pair, kMessage));
}

}  // namespace
}  // namespace thicket::sim
