#include "routing/capabilities.hpp"

#include <algorithm>

#include "crypto/invariant.hpp"

using namespace thicket;
using namespace thicket::routing;

// What was decoded is printable and bounded, and encodes to something that decodes to the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto decoded = decode_capabilities({data, size});
  if (!decoded) {
    INVARIANT(!describe(decoded.error()).empty());
    return 0;
  }
  INVARIANT(size <= limits::kCapabilitiesBytes);
  INVARIANT(decoded->agent.size() <= limits::kAgentBytes);
  INVARIANT(decoded->seen.size() <= limits::kSeenBytes);
  for (const std::string& text : {decoded->agent, decoded->seen}) {
    INVARIANT(
        std::ranges::all_of(text, [](char letter) { return letter >= 0x20 && letter < 0x7f; }));
  }
  const auto encoded = encode_capabilities(*decoded);
  INVARIANT(encoded.size() <= limits::kCapabilitiesBytes);
  const auto again = decode_capabilities(encoded);
  INVARIANT(again.has_value() && *again == *decoded);
  return 0;
}
