#include "sim/prng.hpp"

#include <algorithm>
#include <bit>

#include "crypto/invariant.hpp"
#include "sim/uint128.hpp"

namespace thicket::sim {

namespace {

constexpr int kLogBits = 40;  // fraction bits of the logarithm

// -log2(u / 2^64) for u in [1, 2^64), with kLogBits fraction bits, rounded up.
std::uint64_t negative_log2(std::uint64_t u) {
  const int shift = std::countl_zero(u);
  std::uint64_t mantissa = u << shift;  // in [1, 2), with 63 fraction bits
  std::uint64_t log = static_cast<std::uint64_t>(63 - shift);
  // Squaring doubles the logarithm, so that its next binary digit shows left of the point.
  for (int i = 0; i < kLogBits; ++i) {
    const Uint128 square = static_cast<Uint128>(mantissa) * mantissa;  // 126 fraction bits
    const auto digit = static_cast<std::uint64_t>(square >> 127);
    mantissa = static_cast<std::uint64_t>(square >> (63 + digit));
    log = (log << 1) | digit;
  }
  return (std::uint64_t{64} << kLogBits) - log;
}

}  // namespace

std::uint64_t splitmix64(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

std::uint64_t Xoshiro256::next() {
  const std::uint64_t result = std::rotl(state[1] * 5, 7) * 9;
  const std::uint64_t shifted = state[1] << 17;
  state[2] ^= state[0];
  state[3] ^= state[1];
  state[1] ^= state[2];
  state[0] ^= state[3];
  state[2] ^= shifted;
  state[3] = std::rotl(state[3], 45);
  return result;
}

Prng::Prng(std::uint64_t seed) : seed_(seed), generator_{} {
  for (std::uint64_t& word : generator_.state) word = splitmix64(seed);
}

std::uint64_t Prng::below(std::uint64_t bound) {
  INVARIANT(bound != 0);
  Uint128 product = static_cast<Uint128>(next()) * bound;
  if (static_cast<std::uint64_t>(product) < bound) {
    // The low half tells apart the 2^64 mod bound values that are too many.
    const std::uint64_t excess = (0 - bound) % bound;
    while (static_cast<std::uint64_t>(product) < excess) {
      product = static_cast<Uint128>(next()) * bound;
    }
  }
  return static_cast<std::uint64_t>(product >> 64);
}

bool Prng::chance(std::uint64_t numerator, std::uint64_t denominator) {
  return below(denominator) < numerator;
}

Duration Prng::uniform(Duration low, Duration high) {
  INVARIANT(low <= high);
  const auto first = static_cast<std::uint64_t>(low.count());
  const std::uint64_t count = static_cast<std::uint64_t>(high.count()) - first + 1;
  const std::uint64_t offset = count == 0 ? next() : below(count);  // 0: all 2^64 of them
  return Duration(static_cast<Duration::rep>(first + offset));
}

Duration Prng::exponential(Duration mean) {
  INVARIANT(mean >= Duration::zero());
  constexpr std::uint64_t kLn2 = 0xb17217f7d1cf79ac;  // ln 2 with 64 fraction bits
  constexpr int kBits = 56;
  const std::uint64_t u = next();
  if (u == ~std::uint64_t{0}) return Duration::zero();
  const std::uint64_t log2 = negative_log2(u + 1) << (kBits - kLogBits);
  const auto ln = static_cast<std::uint64_t>((static_cast<Uint128>(log2) * kLn2) >> 64);
  const Uint128 scaled =
      (static_cast<Uint128>(ln) * static_cast<std::uint64_t>(mean.count())) >> kBits;
  const auto most = static_cast<Uint128>(Duration::max().count());
  return Duration(static_cast<Duration::rep>(std::min(scaled, most)));
}

Prng Prng::fork(std::uint64_t label) const {
  std::uint64_t state = ~seed_;
  state = splitmix64(state) ^ label;
  return Prng(splitmix64(state));
}

void Prng::fill(ByteSpan out) {
  while (!out.empty()) {
    const std::uint64_t word = next();
    const std::size_t count = std::min<std::size_t>(out.size(), 8);
    for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<std::uint8_t>(word >> (8 * i));
    out = out.subspan(count);
  }
}

}  // namespace thicket::sim
