#include "crypto/secret.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "crypto/key_pair.hpp"

namespace thicket {
namespace {

using Bytes = std::array<std::uint8_t, 48>;

TEST(Secret, StartsZeroedAndIsWipedWhenFreed) {
  const std::uint8_t* slot = nullptr;
  {
    Secret<Bytes> secret;
    EXPECT_EQ(*secret, Bytes{});
    secret->fill(0xaa);
    slot = secret->data();
  }
  // The region stays mapped, so what was left in the slot can be looked at.
  EXPECT_TRUE(std::all_of(slot, slot + sizeof(Bytes), [](std::uint8_t b) { return b == 0; }));
}

TEST(Secret, SlotsAreReusedAndDoNotOverlap) {
  const SecretSlots before = secret_slots();
  std::vector<Secret<Bytes>> secrets(100);
  for (std::size_t i = 0; i < secrets.size(); ++i) {
    secrets[i]->fill(static_cast<std::uint8_t>(i));
  }
  for (std::size_t i = 0; i < secrets.size(); ++i) {
    EXPECT_EQ((*secrets[i])[0], i);
    EXPECT_EQ((*secrets[i])[47], i);
  }
  EXPECT_EQ(secret_slots().used, before.used + 100);
  Secret<Bytes> moved = std::move(secrets[5]);
  EXPECT_EQ((*moved)[0], 5);
  secrets.clear();
  EXPECT_EQ(secret_slots().used, before.used + 1);
  const std::size_t regions = secret_slots().regions;
  for (int i = 0; i < 10000; ++i) Secret<Bytes> again;
  EXPECT_EQ(secret_slots().regions, regions);
}

TEST(Secret, EverySizeHasASlot) {
  Secret<std::array<std::uint8_t, 1>> smallest;
  Secret<std::array<std::uint8_t, 129>> middle;
  Secret<std::array<std::uint8_t, kMaxSecretSize>> largest;
  largest->fill(1);
  EXPECT_EQ((*middle)[128], 0);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&*smallest) % 16, 0U);
}

TEST(Secret, ManyKeyPairsNeedFewRegions) {
  // One guarded region each would need 300,000 memory mappings, of which a process may have 65,530.
  const std::size_t before = secret_slots().regions;
  SeededRandom random(1);
  std::vector<KeyPair> pairs;
  const std::array<std::uint8_t, 32> seed{};
  for (int i = 0; i < 5000; ++i) pairs.push_back(KeyPair::from_seed(seed));
  EXPECT_LE(secret_slots().regions, before + 6);
}

bool all_zero(const volatile std::uint8_t* bytes, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    if (bytes[i] != 0) return false;
  }
  return true;
}

TEST(Wiped, IsOverwrittenAtTheEnd) {
  alignas(Wiped<Bytes>) std::array<std::uint8_t, sizeof(Wiped<Bytes>)> memory{};
  auto* const value = new (memory.data()) Wiped<Bytes>;
  (*value)->fill(0xaa);
  EXPECT_FALSE(all_zero(memory.data(), memory.size()));
  value->~Wiped<Bytes>();
  EXPECT_TRUE(all_zero(memory.data(), memory.size()));
}

}  // namespace
}  // namespace thicket
