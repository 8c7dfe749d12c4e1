#include "crypto/session_init.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace thicket::crypto {
namespace {

using Bytes = std::vector<std::uint8_t>;

struct Node {
  Node(std::uint64_t seed, const std::string& password)
      : random(seed),
        identity(KeyPair::generate(random)),
        codec(identity, sodium, random, password) {}
  const PublicKey& key() const { return identity.public_key(); }
  BoxPublicKey box_key() const { return *sodium.box_public_key(key()); }

  SodiumCryptography sodium;
  SeededRandom random;
  KeyPair identity;
  SessionInitCodec codec;
};

SessionInit any_init(Random& random) {
  SessionInit init;
  init.is_ack = random.below(2) == 1;
  random.fill(init.current.bytes);
  random.fill(init.next.bytes);
  init.key_sequence = random.next_u64();
  init.sequence = random.next_u64();
  return init;
}

RC_GTEST_PROP(SessionInitProperty, OpensForItsRecipientOnly, (std::uint64_t seed)) {
  Node sender(seed, "group"), recipient(seed + 1, "group"), third(seed + 2, "group");
  Node outsider(seed + 1, "other group"), open_to_all(seed + 1, "");
  const SessionInit init = any_init(sender.random);
  const Packet packet = *sender.codec.seal(init, recipient.box_key());
  const ByteView message = packet.bytes();
  RC_ASSERT(message.size() == SessionInitCodec::kSize);
  RC_ASSERT(message[0] == (init.is_ack ? 2 : 1));
  RC_ASSERT(recipient.codec.open(sender.key(), message) == init);
  RC_ASSERT(!recipient.codec.open(third.key(), message));
  RC_ASSERT(!third.codec.open(sender.key(), message));
  RC_ASSERT(!outsider.codec.open(sender.key(), message));
  RC_ASSERT(!open_to_all.codec.open(sender.key(), message));
}

RC_GTEST_PROP(SessionInitProperty, AChangedMessageDoesNotOpen, (std::uint64_t seed)) {
  Node sender(seed, ""), recipient(seed + 1, "");
  const Packet packet = *sender.codec.seal(any_init(sender.random), recipient.box_key());
  Bytes message(packet.bytes().begin(), packet.bytes().end());
  const auto bit = *rc::gen::inRange<std::size_t>(8, 8 * message.size());
  // X25519 ignores the top bit of a public key; but the signature covers it.
  message[bit / 8] = static_cast<std::uint8_t>(message[bit / 8] ^ 1 << bit % 8);
  RC_ASSERT(!recipient.codec.open(sender.key(), message));
}

RC_GTEST_PROP(SessionInitProperty, ArbitraryBytesDoNotOpen, (Bytes message)) {
  Node recipient(1, "");
  RC_ASSERT(!recipient.codec.open(recipient.key(), message));
  message.resize(SessionInitCodec::kSize, 0x5a);
  message[0] = *rc::gen::inRange<std::uint8_t>(0, 4);
  RC_ASSERT(!recipient.codec.open(recipient.key(), message));
}

TEST(SessionInit, OtherTypesAndLengthsAreRefused) {
  Node sender(1, ""), recipient(2, "");
  const Packet packet = *sender.codec.seal(any_init(sender.random), recipient.box_key());
  const Bytes good(packet.bytes().begin(), packet.bytes().end());
  ASSERT_TRUE(recipient.codec.open(sender.key(), good));
  for (const int type : {0, 3, 4, 255}) {
    Bytes message = good;
    message[0] = static_cast<std::uint8_t>(type);
    EXPECT_FALSE(recipient.codec.open(sender.key(), message));
  }
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_FALSE(recipient.codec.open(sender.key(), longer));
  EXPECT_FALSE(recipient.codec.open(sender.key(), ByteView(good).first(192)));
  EXPECT_FALSE(recipient.codec.open(sender.key(), {}));
}

TEST(SessionInit, ADegenerateRecipientIsRefused) {
  Node sender(1, "");
  EXPECT_FALSE(sender.codec.seal({}, BoxPublicKey{}));
}

}  // namespace
}  // namespace thicket::crypto
