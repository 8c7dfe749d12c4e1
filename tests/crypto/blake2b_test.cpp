#include "crypto/blake2b.hpp"

#include <gtest/gtest.h>

#include <set>

#include "crypto/cryptography.hpp"
#include "crypto/vectors.hpp"

namespace thicket {
namespace {

ByteView view_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(Blake2b, KnownAnswer) {
  // RFC 7693, appendix A.
  EXPECT_EQ(to_hex(blake2b_512(view_of("abc"))),
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
            "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
}

TEST(Blake2b, KnownAnswerOf256Bits) {
  EXPECT_EQ(to_hex(blake2b_256(view_of("abc"))),
            "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

TEST(Blake2b, EveryLengthOfKeyCounts) {
  std::set<Blake2b512> hashes;
  for (std::size_t length = 0; length <= kBlake2bMaxKey; ++length) {
    hashes.insert(blake2b_512(view_of("message"), view_of(std::string(length, 'k'))));
  }
  EXPECT_EQ(hashes.size(), kBlake2bMaxKey + 1);
}

TEST(Blake2b, HandshakeHashesAndSignaturesAgreeWithTheVectors) {
  const auto vectors = test::read_vectors("handshake.json");
  ASSERT_EQ(vectors["records"].size(), 9U);
  const SodiumCryptography cryptography;
  for (const auto& vector : vectors["records"]) {
    SCOPED_TRACE(vector["how"]);
    const KeyPair pair = test::key_pair_of(vector["private"]);
    EXPECT_EQ(pair.public_key(), test::key_of(vector["public"]));
    const auto password = vector["password"].get<std::string>();
    const Blake2b512 hash = blake2b_512(pair.public_key().bytes, view_of(password));
    EXPECT_EQ(to_hex(hash), vector["password_hash"]);

    // The record ends with the signature of the hash.
    const auto record = test::bytes_of(vector["record"]);
    Signature signature;
    std::copy(record.end() - Signature::kSize, record.end(), signature.bytes.begin());
    EXPECT_EQ(cryptography.sign(pair, hash), signature);
    EXPECT_TRUE(cryptography.verify(pair.public_key(), hash, signature));
  }
}

}  // namespace
}  // namespace thicket
