#pragma once
#include <cstdint>
#include "crypto/random.hpp"
#include "crypto/time.hpp"
namespace thicket::sim {
class Prng final : public Random {
 public:
  explicit Prng(std::uint64_t seed) : seed_(seed), state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  void fill(ByteSpan out) override {
    for (auto& b : out) b = static_cast<std::uint8_t>(next());
  }
  Duration uniform(Duration low, Duration high) {
    return low + Duration(next() % static_cast<std::uint64_t>((high - low).count() + 1));
  }
  Prng fork(std::uint64_t label) const {
    Prng p(seed_ ^ (label * 0x9e3779b97f4a7c15));
    return Prng(p.next());
  }

 private:
  std::uint64_t seed_, state_;
};
}  // namespace thicket::sim
