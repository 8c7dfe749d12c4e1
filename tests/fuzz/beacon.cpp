#include "transport/beacon.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

// What decodes must encode to the same bytes, whatever follows them.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace thicket::transport;
  const thicket::ByteView datagram(data, size);
  for (const char* password : {"", "lan password"}) {
    const auto beacon = decode_beacon(datagram, password);
    if (!beacon) continue;
    const auto encoded = encode_beacon(*beacon, password);
    if (!std::equal(encoded.begin(), encoded.end(), datagram.begin())) std::abort();
  }
  return 0;
}
