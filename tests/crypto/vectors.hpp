#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "crypto/hex.hpp"
#include "crypto/key_pair.hpp"
#include "crypto/public_key.hpp"

namespace thicket::test {

inline nlohmann::json read_vectors(const std::string& name) {
  std::ifstream file(std::string(THICKET_SOURCE_DIR "/tests/vectors/") + name);
  return nlohmann::json::parse(file);
}

inline std::vector<std::uint8_t> bytes_of(const nlohmann::json& hex) {
  const auto text = hex.get<std::string>();
  std::vector<std::uint8_t> bytes(text.size() / 2);
  EXPECT_TRUE(from_hex(text, bytes)) << text;
  return bytes;
}

template <std::size_t kSize>
std::array<std::uint8_t, kSize> array_of(const nlohmann::json& hex) {
  std::array<std::uint8_t, kSize> bytes{};
  EXPECT_TRUE(from_hex(hex.get<std::string>(), bytes)) << hex;
  return bytes;
}

inline PublicKey key_of(const nlohmann::json& hex) {
  return {array_of<32>(hex)};
}

inline KeyPair key_pair_of(const nlohmann::json& hex) {
  return KeyPair::from_hex(hex.get<std::string>()).value();
}

}  // namespace thicket::test
