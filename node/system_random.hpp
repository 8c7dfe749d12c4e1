#pragma once

#include "crypto/random.hpp"

namespace thicket::node {

/// The operating system's randomness.
class SystemRandom final : public Random {
 public:
  SystemRandom();
  void fill(ByteSpan out) override;
};

}  // namespace thicket::node
