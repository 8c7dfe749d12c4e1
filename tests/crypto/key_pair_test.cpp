#include "crypto/key_pair.hpp"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <set>

#include "crypto/cryptography.hpp"
#include "crypto/vectors.hpp"

namespace thicket {
namespace {

// Written by `openssl genpkey -algorithm ed25519`, for this test alone.
constexpr const char* kPem =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEICcQOn4e2bpYhArmNkSV772RKd6EzV0uDn7YqP6rJSC3\n"
    "-----END PRIVATE KEY-----\n";
constexpr const char* kPemPublic =
    "893869402d70b5f8bcc0b2cd1e7909b5f95f00e34c2b7474a5ecdc10926d9a84";

std::string pem_block(const std::string& base64) {
  return "-----BEGIN PRIVATE KEY-----\n" + base64 + "\n-----END PRIVATE KEY-----\n";
}

KeyError pem_error(const std::string& pem) {
  const auto pair = KeyPair::from_pem(pem);
  EXPECT_FALSE(pair) << pem;
  return pair ? KeyError{} : pair.error();
}

TEST(KeyPair, GeneratesFromTheGivenRandomness) {
  SeededRandom one(1), same(1), other(2);
  const KeyPair pair = KeyPair::generate(one);
  EXPECT_EQ(pair.public_key(), KeyPair::generate(same).public_key());
  EXPECT_NE(pair.public_key(), KeyPair::generate(other).public_key());
  EXPECT_NE(pair.public_key(), KeyPair::generate(one).public_key());
  EXPECT_EQ(pair.seed().size(), 32U);
  EXPECT_EQ(pair.secret().size(), 64U);
  EXPECT_EQ(to_hex(pair.secret()), to_hex(pair.seed()) + pair.public_key().to_hex());
}

TEST(KeyPair, HexMustBeWholeAndConsistent) {
  SeededRandom random(1);
  const std::string hex = KeyPair::generate(random).to_hex();
  EXPECT_EQ(KeyPair::from_hex(hex)->to_hex(), hex);
  EXPECT_EQ(KeyPair::from_hex("").error(), KeyError::wrong_length);
  EXPECT_EQ(KeyPair::from_hex(hex.substr(2)).error(), KeyError::wrong_length);
  EXPECT_EQ(KeyPair::from_hex(hex + "00").error(), KeyError::wrong_length);
  std::string changed = hex;
  changed[5] = 'x';
  EXPECT_EQ(KeyPair::from_hex(changed).error(), KeyError::not_hex);
  for (const std::size_t at : {0U, 64U, 127U}) {
    changed = hex;
    changed[at] = changed[at] == '0' ? '1' : '0';
    EXPECT_EQ(KeyPair::from_hex(changed).error(), KeyError::public_half_differs);
  }
}

TEST(KeyPair, ReadsAndWritesThePemOfOpenssl) {
  const auto pair = KeyPair::from_pem(kPem);
  ASSERT_TRUE(pair);
  EXPECT_EQ(pair->public_key().to_hex(), kPemPublic);
  EXPECT_EQ(pair->to_pem(), kPem);
  // As files are: text around the block, other line ends.
  std::string dos = std::string("my key\n") + kPem + "more\n";
  for (std::size_t at = 0; (at = dos.find('\n', at)) != std::string::npos; at += 2) {
    dos.replace(at, 1, "\r\n");
  }
  EXPECT_EQ(KeyPair::from_pem(dos)->public_key(), pair->public_key());
}

TEST(KeyPair, OtherPemIsRefusedForItsReason) {
  const std::string pem = kPem;
  EXPECT_EQ(pem_error(""), KeyError::not_pem);
  EXPECT_EQ(pem_error(pem.substr(0, 60)), KeyError::not_pem);
  EXPECT_EQ(pem_error(pem.substr(10)), KeyError::not_pem);
  EXPECT_EQ(pem_error(pem_block("MC4C*AwBQY")), KeyError::not_pem);
  EXPECT_EQ(pem_error(pem_block(std::string(20000, 'A'))), KeyError::not_pem);
  EXPECT_EQ(pem_error(pem_block("")), KeyError::not_ed25519);
  EXPECT_EQ(pem_error(pem_block("MC4CAQAw")), KeyError::not_ed25519);
  // An X25519 key of the same shape, and something as long as an RSA key.
  EXPECT_EQ(
      pem_error(pem_block("MC4CAQAwBQYDK2VuBCIEIPBg33013syl43os9VKFYSpc3hgxJ31dXMLFJFaup15i")),
      KeyError::not_ed25519);
  EXPECT_EQ(pem_error(pem_block(std::string(1600, 'A'))), KeyError::not_ed25519);
}

TEST(KeyPair, EveryErrorIsDescribed) {
  std::set<std::string_view> texts;
  for (const KeyError error :
       {KeyError::not_hex, KeyError::wrong_length, KeyError::public_half_differs, KeyError::not_pem,
        KeyError::not_ed25519}) {
    texts.insert(describe(error));
  }
  EXPECT_EQ(texts.size(), 5U);
}

TEST(KeyPair, MovesWithItsSecret) {
  SeededRandom random(1);
  KeyPair first = KeyPair::generate(random);
  KeyPair second = KeyPair::generate(random);
  const std::string hex = first.to_hex();
  second = std::move(first);
  const KeyPair third(std::move(second));
  EXPECT_EQ(third.to_hex(), hex);
}

RC_GTEST_PROP(KeyPairProperty, TextFormsRoundTrip, (std::uint64_t seed)) {
  SeededRandom random(seed);
  const KeyPair pair = KeyPair::generate(random);
  RC_ASSERT(KeyPair::from_hex(pair.to_hex())->to_hex() == pair.to_hex());
  RC_ASSERT(KeyPair::from_pem(pair.to_pem())->to_hex() == pair.to_hex());
}

}  // namespace
}  // namespace thicket
