#include "transport/beacon.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "crypto/hex.hpp"
#include "crypto/key_pair.hpp"
#include "crypto/random.hpp"

namespace thicket::transport {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes bytes_of(const std::string& hex) {
  Bytes bytes(hex.size() / 2);
  EXPECT_TRUE(from_hex(hex, bytes));
  return bytes;
}

Beacon some_beacon() {
  SeededRandom random(1);
  return {KeyPair::generate(random).public_key(), 9001};
}

TEST(Beacon, IsThatOfRealNodes) {
  std::ifstream file(THICKET_SOURCE_DIR "/tests/vectors/multicast.json");
  const auto vectors = nlohmann::json::parse(file);
  ASSERT_FALSE(vectors["beacons"].empty());
  for (const auto& vector : vectors["beacons"]) {
    const std::string password = vector["password"];
    const Beacon expected{*PublicKey::from_hex(std::string(vector["key"])), vector["port"]};
    const Bytes payload = bytes_of(vector["payload"]);
    const auto decoded = decode_beacon(payload, password);
    ASSERT_TRUE(decoded.has_value()) << describe(decoded.error());
    EXPECT_EQ(*decoded, expected);
    EXPECT_EQ(encode_beacon(expected, password), payload);
    EXPECT_EQ(decode_beacon(payload, password + "x").error(), BeaconError::wrong_password);
  }
}

TEST(Beacon, SaysWhatIsWrong) {
  const Bytes good = encode_beacon(some_beacon(), "");
  Bytes other_version = good;
  other_version[3] = 4;
  EXPECT_EQ(decode_beacon(other_version, "").error(), BeaconError::other_version);
  Bytes bad_size = good;
  bad_size[39] = 63;
  EXPECT_EQ(decode_beacon(bad_size, "").error(), BeaconError::bad_hash_size);
  for (std::size_t size = 0; size < good.size(); ++size) {
    const Bytes cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
    EXPECT_EQ(decode_beacon(cut, "").error(), BeaconError::truncated);
  }
}

TEST(Beacon, MayGrow) {
  Bytes longer = encode_beacon(some_beacon(), "secret");
  longer.push_back(7);
  EXPECT_EQ(decode_beacon(longer, "secret"), some_beacon());
}

RC_GTEST_PROP(BeaconProperty, ArbitraryBytesAreNoBeacon, (const Bytes& bytes)) {
  RC_ASSERT(!decode_beacon(bytes, "").has_value());
}

}  // namespace
}  // namespace thicket::transport
