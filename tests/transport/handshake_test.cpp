#include "transport/handshake.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "crypto/key_pair.hpp"
#include "crypto/random.hpp"

namespace thicket::transport {

namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes from_hex(const std::string& hex) {
  Bytes bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

Bytes text(std::string_view characters) {
  return Bytes(characters.begin(), characters.end());
}

KeyPair key_pair(std::uint64_t seed) {
  SeededRandom random(seed);
  return KeyPair::generate(random);
}

Result<HandshakeRecord, HandshakeError> parse(const Bytes& bytes) {
  HandshakeParser parser;
  const auto taken = parser.feed(bytes);
  if (!taken) return tl::unexpected(taken.error());
  EXPECT_TRUE(parser.complete());
  EXPECT_EQ(*taken, bytes.size());
  return parser.record();
}

/// A record with these bytes in place of its fields, correctly signed with no password.
Bytes with_fields(const KeyPair& pair, const Bytes& fields) {
  Bytes record = encode_handshake(pair, "", 0);
  const Bytes signature(record.end() - 64, record.end());
  const std::size_t length = fields.size() + 64;
  record = text("meta");
  record.push_back(static_cast<std::uint8_t>(length >> 8));
  record.push_back(static_cast<std::uint8_t>(length));
  record.insert(record.end(), fields.begin(), fields.end());
  record.insert(record.end(), signature.begin(), signature.end());
  return record;
}

HandshakeError error_of(const Result<void, HandshakeFailure>& result) {
  EXPECT_FALSE(result);
  return result ? HandshakeError::timeout : result.error().error;
}

struct Terms : ::testing::Test {
  KeyPair ours = key_pair(1);
  KeyPair theirs = key_pair(2);
  HandshakeRecord record = *parse(encode_handshake(theirs, "secret", 9));
  HandshakeTerms terms{ours.public_key(), "secret", {}, nullptr};
};

}  // namespace

TEST(Handshake, GoldenVectors) {
  std::ifstream file(THICKET_SOURCE_DIR "/tests/vectors/handshake.json");
  const auto vectors = nlohmann::json::parse(file);
  ASSERT_FALSE(vectors["records"].empty());
  for (const auto& vector : vectors["records"]) {
    SCOPED_TRACE(vector["how"].get<std::string>());
    const auto pair = KeyPair::from_hex(vector["private"].get<std::string>());
    ASSERT_TRUE(pair);
    const auto password = vector["password"].get<std::string>();
    const auto priority = vector["priority"].get<std::uint8_t>();
    const Bytes wire = from_hex(vector["record"].get<std::string>());
    EXPECT_EQ(encode_handshake(*pair, password, priority), wire);

    const auto record = parse(wire);
    ASSERT_TRUE(record);
    EXPECT_EQ(record->key->to_hex(), vector["public"].get<std::string>());
    EXPECT_EQ(record->priority, priority);
    const KeyPair other = key_pair(1);
    const std::string another = password.empty() ? "x" : "";
    EXPECT_TRUE(check_handshake(*record, {other.public_key(), password, {}, nullptr}));
    EXPECT_EQ(error_of(check_handshake(*record, {other.public_key(), another, {}, nullptr})),
              HandshakeError::bad_signature);
  }
}

TEST(Handshake, SkipsExtraFieldsUpToTheLargestRecord) {
  const KeyPair pair = key_pair(1);
  const std::size_t room = 65535 - 117 - 4;
  const std::vector<ExtraField> extra{{0x5448, Bytes(room, 7)}};
  const Bytes wire = encode_handshake(pair, "", 3, extra);
  EXPECT_EQ(wire.size(), 6u + 65535u);
  const auto record = parse(wire);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->key, pair.public_key());
  EXPECT_EQ(record->priority, 3);
  EXPECT_LT(sizeof(HandshakeParser), 1024u);
}

TEST(Handshake, KeepsCapabilitiesOfBoundedLength) {
  const KeyPair pair = key_pair(1);
  for (const std::size_t size : {0, 1, 64, 65, 512}) {
    const Bytes body(size, 7);
    const std::vector<ExtraField> extra{{0x5447, Bytes(9, 1)}, {0x5448, body}, {0x5449, {}}};
    EXPECT_EQ(parse(encode_handshake(pair, "", 3, extra))->capabilities, body);
  }
  const std::vector<ExtraField> longer{{0x5448, Bytes(513, 7)}};
  const auto record = parse(encode_handshake(pair, "", 3, longer));
  ASSERT_TRUE(record);
  EXPECT_TRUE(record->capabilities.empty());
  EXPECT_EQ(record->key, pair.public_key());
}

TEST(Handshake, TheLastCapabilitiesCountEvenIfIgnored) {
  const KeyPair pair = key_pair(1);
  const auto capabilities = [&](std::initializer_list<std::size_t> sizes) {
    std::vector<ExtraField> extra;
    for (const std::size_t size : sizes) extra.push_back({0x5448, Bytes(size, 7)});
    return parse(encode_handshake(pair, "", 3, extra))->capabilities.size();
  };
  EXPECT_EQ(capabilities({3, 5}), 5u);
  EXPECT_EQ(capabilities({5, 3}), 3u);
  EXPECT_EQ(capabilities({5, 0}), 0u);
  EXPECT_EQ(capabilities({5, 1000}), 0u);
  EXPECT_EQ(capabilities({1000, 5}), 5u);
}

TEST(Handshake, AFieldIsAddedWithoutSigningAgain) {
  const KeyPair pair = key_pair(1);
  const ExtraField field{0x5448, Bytes(300, 7)};
  EXPECT_EQ(with_field(encode_handshake(pair, "secret", 3), field),
            encode_handshake(pair, "secret", 3, std::vector{field}));
}

TEST(Handshake, TheLastOfEqualFieldsCounts) {
  const auto record =
      parse(with_fields(key_pair(1), from_hex("00010002000900010002000500030001070003000108")));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->minor, 5);
  EXPECT_EQ(record->priority, 8);
  EXPECT_EQ(record->major, 0);
  EXPECT_FALSE(record->key);
}

TEST(Handshake, StopsAtTheEndOfTheRecord) {
  Bytes wire = encode_handshake(key_pair(1), "", 0);
  const std::size_t size = wire.size();
  wire.push_back(1);
  HandshakeParser parser;
  EXPECT_EQ(parser.feed(wire), size);
  EXPECT_TRUE(parser.complete());
}

TEST(Handshake, TellsWhoIsNotAPeer) {
  EXPECT_EQ(parse(text("mets")).error(), HandshakeError::not_a_handshake);
  EXPECT_EQ(parse(text("xy")).error(), HandshakeError::not_a_handshake);
  EXPECT_EQ(parse(text("HTTP/1.1 400")).error(), HandshakeError::speaks_http);
  EXPECT_EQ(parse(text("GET / HTTP/1.1")).error(), HandshakeError::speaks_http);
  EXPECT_EQ(parse(from_hex("160301")).error(), HandshakeError::speaks_tls);
  EXPECT_EQ(parse(from_hex("150301")).error(), HandshakeError::speaks_tls);
}

TEST(Handshake, RefusesMalformedRecords) {
  EXPECT_EQ(parse(from_hex("6d657461003f")).error(), HandshakeError::too_short);
  const KeyPair pair = key_pair(1);
  const auto field_error = [&](const char* fields) {
    return parse(with_fields(pair, from_hex(fields))).error();
  };
  EXPECT_EQ(field_error("0000000100"), HandshakeError::bad_field);      // version of one byte
  EXPECT_EQ(field_error("00030002000000"), HandshakeError::bad_field);  // priority of two
  EXPECT_EQ(field_error("00020000"), HandshakeError::bad_field);        // empty key
  EXPECT_EQ(field_error("54480001"), HandshakeError::bad_field);        // runs into the signature
  EXPECT_EQ(field_error("544800"), HandshakeError::bad_field);          // header cut off
}

TEST_F(Terms, GoodRecordIsAccepted) {
  EXPECT_TRUE(check_handshake(record, terms));
}

TEST_F(Terms, OtherVersionNamesIt) {
  record.minor = 4;
  const auto result = check_handshake(record, terms);
  EXPECT_EQ(error_of(result), HandshakeError::wrong_version);
  EXPECT_EQ(result.error().to_string(),
            "the peer speaks version 0.4 of the protocol, we speak 0.5");
}

TEST_F(Terms, MissingKey) {
  record.key.reset();
  EXPECT_EQ(error_of(check_handshake(record, terms)), HandshakeError::no_key);
}

TEST_F(Terms, OtherPassword) {
  terms.password = "";
  EXPECT_EQ(error_of(check_handshake(record, terms)), HandshakeError::bad_signature);
}

TEST_F(Terms, OwnKey) {
  terms.own_key = theirs.public_key();
  EXPECT_EQ(error_of(check_handshake(record, terms)), HandshakeError::ourselves);
}

TEST_F(Terms, PinnedKeys) {
  const std::vector<PublicKey> other{ours.public_key()};
  terms.pinned = other;
  EXPECT_EQ(error_of(check_handshake(record, terms)), HandshakeError::not_pinned);
  const std::vector<PublicKey> both{ours.public_key(), theirs.public_key()};
  terms.pinned = both;
  EXPECT_TRUE(check_handshake(record, terms));
}

TEST_F(Terms, AllowedKeys) {
  std::set<PublicKey> allowed;
  terms.allowed = &allowed;
  EXPECT_TRUE(check_handshake(record, terms));  // empty: any
  allowed.insert(ours.public_key());
  EXPECT_EQ(error_of(check_handshake(record, terms)), HandshakeError::not_allowed);
  allowed.insert(theirs.public_key());
  EXPECT_TRUE(check_handshake(record, terms));
}

TEST(Handshake, EveryErrorHasItsOwnSentence) {
  std::set<std::string> sentences;
  for (int i = 0; i <= static_cast<int>(HandshakeError::timeout); ++i) {
    sentences.insert(HandshakeFailure{static_cast<HandshakeError>(i)}.to_string());
  }
  EXPECT_EQ(sentences.size(), static_cast<std::size_t>(HandshakeError::timeout) + 1);
  EXPECT_FALSE(sentences.contains("unknown handshake error"));
}

}  // namespace thicket::transport
