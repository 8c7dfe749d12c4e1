#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <utility>

#include "crypto/random.hpp"

namespace thicket::test {

/// Hands out the given keys first, and is seeded after them.
class ScriptedRandom final : public Random {
 public:
  using Key = std::array<std::uint8_t, 32>;
  explicit ScriptedRandom(std::deque<Key> keys = {}) : keys_(std::move(keys)) {}

  void fill(ByteSpan out) override {
    if (keys_.empty() || out.size() != 32) return rest_.fill(out);
    std::copy(keys_.front().begin(), keys_.front().end(), out.begin());
    keys_.pop_front();
  }

 private:
  std::deque<Key> keys_;
  SeededRandom rest_{99};
};

}  // namespace thicket::test
