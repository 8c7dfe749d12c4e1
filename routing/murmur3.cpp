#include "routing/murmur3.hpp"

#include <bit>

namespace thicket::routing {

namespace {

constexpr std::uint64_t kMultiplier1 = 0x87c37b91114253d5;
constexpr std::uint64_t kMultiplier2 = 0x4cf5ad432745937f;
constexpr std::size_t kBlock = 16;

// Up to 8 bytes, little-endian.
std::uint64_t load(ByteView bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = (value << 8) | bytes[i];
  return value;
}

std::uint64_t mix1(std::uint64_t k) {
  return std::rotl(k * kMultiplier1, 31) * kMultiplier2;
}

std::uint64_t mix2(std::uint64_t k) {
  return std::rotl(k * kMultiplier2, 33) * kMultiplier1;
}

std::uint64_t avalanche(std::uint64_t k) {
  k ^= k >> 33;
  k *= 0xff51afd7ed558ccd;
  k ^= k >> 33;
  k *= 0xc4ceb9fe1a85ec53;
  return k ^ (k >> 33);
}

}  // namespace

std::array<std::uint64_t, 2> murmur3_x64_128(ByteView data) {
  const std::uint64_t length = data.size();
  std::uint64_t h1 = 0;
  std::uint64_t h2 = 0;
  for (; data.size() >= kBlock; data = data.subspan(kBlock)) {
    h1 ^= mix1(load(data.first(8)));
    h1 = (std::rotl(h1, 27) + h2) * 5 + 0x52dce729;
    h2 ^= mix2(load(data.subspan(8, 8)));
    h2 = (std::rotl(h2, 31) + h1) * 5 + 0x38495ab5;
  }
  // A missing half reads 0 and mixes to 0.
  const std::size_t low = data.size() < 8 ? data.size() : 8;
  h1 ^= mix1(load(data.first(low)));
  h2 ^= mix2(load(data.subspan(low)));

  h1 ^= length;
  h2 ^= length;
  h1 += h2;
  h2 += h1;
  h1 = avalanche(h1);
  h2 = avalanche(h2);
  h1 += h2;
  h2 += h1;
  return {h1, h2};
}

}  // namespace thicket::routing
