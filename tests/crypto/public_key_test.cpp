#include "crypto/public_key.hpp"

#include <gtest/gtest.h>

#include <cstring>

#include "crypto/random.hpp"

namespace thicket {
namespace {

TEST(PublicKey, OrderIsThatOfItsBytesWhereverTheyDiffer) {
  SeededRandom random(1);
  for (std::size_t common = 0; common <= PublicKey::kSize; ++common) {
    for (int i = 0; i < 50; ++i) {
      PublicKey a;
      PublicKey b;
      random.fill(a.bytes);
      random.fill(b.bytes);
      std::memcpy(b.bytes.data(), a.bytes.data(), common);
      const int order = std::memcmp(a.bytes.data(), b.bytes.data(), PublicKey::kSize);
      EXPECT_EQ(a < b, order < 0);
      EXPECT_EQ(a > b, order > 0);
      EXPECT_EQ(a == b, order == 0);
    }
  }
}

}  // namespace
}  // namespace thicket
