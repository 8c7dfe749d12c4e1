#include "transport/handshake.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>

using namespace thicket;
using namespace thicket::transport;

namespace {

struct Outcome {
  std::optional<HandshakeError> error;
  bool complete = false;
  HandshakeRecord record;
  std::size_t taken = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome feed_in_steps(ByteView bytes, std::size_t step) {
  HandshakeParser parser;
  Outcome outcome;
  while (outcome.taken < bytes.size() && !parser.complete()) {
    const auto rest = bytes.subspan(outcome.taken);
    const auto taken = parser.feed(rest.first(std::min(step, rest.size())));
    if (!taken) {
      outcome.error = taken.error();
      outcome.taken = 0;
      break;
    }
    if (*taken == 0) std::abort();
    outcome.taken += *taken;
  }
  outcome.complete = parser.complete();
  outcome.record = parser.record();
  return outcome;
}

}  // namespace

// However a record is cut up, the outcome is the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = std::size_t{data[0]} + 1;
  const ByteView bytes(data + 1, size - 1);
  const Outcome whole = feed_in_steps(bytes, bytes.size() + 1);
  if (feed_in_steps(bytes, step) != whole || feed_in_steps(bytes, 1) != whole) std::abort();
  if (whole.complete) {
    (void)check_handshake(whole.record, HandshakeTerms{});
  }
  return 0;
}
