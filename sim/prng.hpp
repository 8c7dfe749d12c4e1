#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "crypto/random.hpp"
#include "crypto/time.hpp"

namespace thicket::sim {

/// The generator SplitMix64: advances `state` and returns its next output.
std::uint64_t splitmix64(std::uint64_t& state);

/// The generator xoshiro256**, period 2^256 - 1. Its state must not be all zero.
struct Xoshiro256 {
  std::array<std::uint64_t, 4> state;
  std::uint64_t next();
};

/// All randomness of a simulation: a stream that is a function of its seed, on any machine,
/// computed with integers alone. Not fit for real keys.
class Prng final : public Random {
 public:
  explicit Prng(std::uint64_t seed);

  /// Uniform over all 64-bit values.
  std::uint64_t next() { return generator_.next(); }
  /// Uniform in [0, bound) without bias; `bound` must not be 0. Faster than Random::below, which it
  /// hides, and draws other values.
  std::uint64_t below(std::uint64_t bound);
  /// true with probability numerator / denominator; `denominator` must not be 0.
  bool chance(std::uint64_t numerator, std::uint64_t denominator);
  /// Uniform in [low, high], both included; `low` must not be above `high`.
  Duration uniform(Duration low, Duration high);
  /// Exponentially distributed with this mean, which must not be negative; at most 45 times the
  /// mean.
  Duration exponential(Duration mean);
  /// Puts `items` into a random order, each as likely as any other.
  template <class T>
  void shuffle(std::span<T> items) {
    for (std::size_t left = items.size(); left > 1; --left) {
      std::swap(items[left - 1], items[static_cast<std::size_t>(below(left))]);
    }
  }

  /// An independent stream that depends on this one's seed and on `label` only, not on how much was
  /// drawn: a part of a simulation with a stream of its own does not disturb the others.
  Prng fork(std::uint64_t label) const;

  void fill(ByteSpan out) override;

 private:
  std::uint64_t seed_;
  Xoshiro256 generator_;
};

}  // namespace thicket::sim
