#pragma once

#include <array>
#include <cstdint>

#include "crypto/bytes.hpp"

namespace thicket {

/// Where the core gets its randomness from: the daemon hands in the system's, a simulation a seeded
/// one, so that a run is a function of its seed.
class Random {
 public:
  virtual ~Random() = default;
  /// Fills all of `out` with bytes fit for keys.
  virtual void fill(ByteSpan out) = 0;

  std::uint64_t next_u64();
  /// Uniform in [0, bound); `bound` must not be 0.
  std::uint64_t below(std::uint64_t bound);
};

/// A deterministic stream (ChaCha20) from a 32-byte seed: tests, fuzzing, simulation.
class SeededRandom final : public Random {
 public:
  using Seed = std::array<std::uint8_t, 32>;
  explicit SeededRandom(const Seed& seed) : seed_(seed) {}
  explicit SeededRandom(std::uint64_t seed);
  void fill(ByteSpan out) override;

 private:
  Seed seed_{};
  std::uint64_t block_ = 0;
};

}  // namespace thicket
