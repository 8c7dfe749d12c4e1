#include "node/system_random.hpp"

#include <sodium.h>

#include "crypto/invariant.hpp"

namespace thicket::node {

SystemRandom::SystemRandom() {
  INVARIANT(sodium_init() >= 0);
}

void SystemRandom::fill(ByteSpan out) {
  randombytes_buf(out.data(), out.size());
}

}  // namespace thicket::node
