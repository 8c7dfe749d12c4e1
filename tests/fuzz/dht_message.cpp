#include <vector>

#include "crypto/invariant.hpp"
#include "routing/dht/limits.hpp"
#include "routing/dht/message.hpp"

using namespace thicket;
using namespace thicket::routing::dht;

// What was decoded encodes to something that decodes to the same; replies keep to their bound.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto datagram = decode_datagram({data, size});
  if (!datagram) {
    INVARIANT(!describe(datagram.error()).empty());
    return 0;
  }
  INVARIANT(size <= limits::kDatagramBytes);
  const auto again = decode_datagram(encode_datagram(*datagram));
  INVARIANT(again.has_value() && *again == *datagram);
  const auto reply = encode_reply(*datagram, size);
  INVARIANT(reply.has_value() && reply->size() <= size);
  const auto half = encode_reply(*datagram, size / 2);
  INVARIANT(!half || half->size() <= size / 2);
  return 0;
}
